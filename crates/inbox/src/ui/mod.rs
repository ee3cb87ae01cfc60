//! The views, one screen part each. They read signals and call methods; nothing else.

pub mod button;
pub mod composer;
pub mod content;
pub mod empty;
pub mod header;
pub mod icon;
pub mod layout;
pub mod roster;
pub mod row;
pub mod sign_in;
pub mod status;
pub mod thread;
