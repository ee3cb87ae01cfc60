//! What every store must do, as one suite that is run against each of them, and what only SQLite can get wrong.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of a test fail by panicking, whatever the other answer is"
)]

mod agents;
mod append;
mod differential;
mod open;
mod pages;
mod sqlite_only;
mod world;

use std::sync::Arc;

use rejoin_server::store::sqlite::Sqlite;
use rejoin_server::store::{MemoryDb, MemoryStore};
use world::World;

/// Instantiates every case for one kind of store; the expression gives what must live as long, and the store.
macro_rules! contract {
    ($kind:ident, $make:expr) => {
        mod $kind {
            use super::*;

            contract!(@cases $make;
                append: a_first_message_makes_device_thread_and_message;
                append: a_resend_gets_the_same_ack_and_changes_nothing;
                append: the_same_id_with_another_text_is_a_conflict;
                append: the_same_id_from_another_agent_is_a_conflict;
                append: both_sides_may_use_the_same_id;
                append: two_tabs_racing_with_one_device_make_one_thread;
                append: a_wrong_secret_is_refused_and_writes_nothing;
                append: a_removed_device_is_refused_and_never_made_again;
                append: sites_do_not_see_each_other;
                append: only_the_sites_agents_may_answer;
                append: a_body_that_says_nothing_or_too_much_is_refused;
                append: a_customer_has_a_daily_limit_and_resends_do_not_count;
                append: time_never_goes_back_in_a_thread;
                append: saying_something_means_having_read;
                append: concurrent_appends_leave_no_hole;
                append: readers_see_a_growing_prefix;
                append: a_failure_in_the_middle_leaves_nothing;
                open: without_a_position_the_newest_messages_come;
                open: a_short_thread_comes_whole;
                open: a_good_position_resumes;
                open: a_position_on_another_log_resets;
                open: five_hundred_behind_resumes_and_one_more_does_not;
                open: much_text_is_bounded_by_bytes;
                open: threads_of_another_site_are_not_found;
                pages: history_is_paged_backwards;
                pages: a_gap_is_filled_from_its_lower_end;
                pages: events_are_read_in_order_and_bounded;
                pages: heads_leave_out_what_is_unknown;
                pages: cursors_move_forward_only_and_stay_in_the_log;
                pages: only_what_agents_read_changes_the_list;
                pages: the_list_is_read_by_version;
                pages: a_version_of_a_lost_history_starts_again;
                agents: a_link_works_once_and_begins_a_session;
                agents: a_link_expires;
                agents: a_new_link_replaces_the_old;
                agents: a_session_ends_by_time_and_by_will;
                agents: an_address_names_one_agent;
                agents: sites_gather_origins;
                agents: a_store_that_can_commit_says_so;
            );
        }
    };
    (@cases $make:expr; $($module:ident: $name:ident;)*) => {
        $(
            #[test]
            fn $name() {
                let (_keep, store) = $make;
                crate::$module::$name(&World::new(Arc::new(store)));
            }
        )*
    };
}

contract!(memory, ((), MemoryStore::new(MemoryDb::new([7; 16]))));
contract!(sqlite, {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path()).unwrap();
    (dir, store)
});
