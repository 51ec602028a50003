//! Which message is meant by which expectation, where their order does not matter.

use std::collections::VecDeque;

/// For each expectation a message of its own that is as expected, for as many of them as there can be (maximum matching by
/// shortest augmenting paths).
pub(super) fn pair_up(expected: usize, found: usize, matches: impl Fn(usize, usize) -> bool) -> Vec<Option<usize>> {
    let fits: Vec<Vec<usize>> =
        (0..expected).map(|at| (0..found).filter(|message| matches(at, *message)).collect()).collect();
    let (mut found_of, mut expected_of) = (vec![None; expected], vec![None; found]);
    for start in 0..expected {
        // From which expectation each message was reached.
        let mut reached_from: Vec<Option<usize>> = vec![None; found];
        let mut ahead = VecDeque::from([start]);
        let mut free = None;
        'search: while let Some(at) = ahead.pop_front() {
            for message in &fits[at] {
                if reached_from[*message].is_some() {
                    continue;
                }
                reached_from[*message] = Some(at);
                match expected_of[*message] {
                    None => {
                        free = Some(*message);
                        break 'search;
                    }
                    Some(other) => ahead.push_back(other),
                }
            }
        }
        // Each expectation on the way back takes the message by which the next one was reached.
        while let Some(message) = free {
            let Some(at) = reached_from[message] else { break };
            expected_of[message] = Some(at);
            free = found_of[at].replace(message);
        }
    }
    found_of
}
