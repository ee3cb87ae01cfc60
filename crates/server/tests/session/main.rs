//! Sessions driven as the rim drives them, over a database in memory and the local bus.
//!
//! Each file in `transcripts/` is a conversation: lines that say what happens, and after them what the session
//! answered, which the test compares. `REJOIN_UPDATE=1` writes the answers anew; read the difference before
//! committing it.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of a test fail by panicking, whatever the other answer is"
)]

mod interleavings;
mod rig;
mod script;

/// One test per file.
macro_rules! transcripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                script::check(stringify!($name));
            }
        )*

        #[test]
        fn every_transcript_is_tested() {
            assert_eq!(script::all(), [$(stringify!($name)),*]);
        }
    };
}

transcripts! {
    agent_catches_up_after_a_lost_note
    agent_catches_up_on_the_list_and_cursors
    agent_closes_a_thread
    agent_follows_the_list
    agent_hello
    agent_may_not_open_too_many
    agent_open_is_not_found
    agent_open_resumes
    agent_origin
    agent_retries_the_list
    agent_ticket_is_spent
    agent_without_thread_id
    bad_fetch
    bad_frame
    bye
    customer_frames_for_agents_only
    customer_names_a_thread
    customer_returns
    device_removed
    device_removed_while_sending
    drain
    fetch
    first_message
    first_message_was_committed_before
    heartbeat
    hello_again
    hello_first
    hello_timeout
    hello_with_a_stale_position
    nacks
    origin_refused
    rate_of_fetches
    rate_of_frames
    rate_of_messages
    rate_of_new_threads
    read_marks
    resend
    site_unknown
    store_fails
    store_is_slow
    too_many_waiting
    two_tabs_first_message
    typing
    unknown_frames
    version
    visitor_learns_of_the_thread
    visitor_opens_and_leaves
    wrong_secret
}
