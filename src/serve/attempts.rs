//! Wrong tokens: few a minute, of one peer and of all together, so that guessing leads nowhere.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::time::BootTime;

/// For this long a wrong token counts.
pub(super) const COUNTS: Duration = Duration::from_secs(60);

/// Of one peer in that time.
const OF_ONE_PEER: usize = 5;

/// Of all together: an attacker may have many addresses.
const OF_ALL: usize = 30;

/// As many who showed the right one are remembered.
const KNOWN: usize = 64;

/// From where tokens come. What a proxy on this computer passes on is told from what programs on it send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenSender {
    pub(super) ip: IpAddr,
    pub(super) way: SenderWay,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SenderWay {
    /// From a program on this computer.
    Direct,
    /// From another computer, or through a proxy.
    FromElsewhere,
}

/// The wrong tokens of the last minute, and who showed the right one; bounded, since none is looked at
/// beyond.
#[derive(Debug, Default)]
pub(super) struct WrongTokens {
    wrong: Vec<(TokenSender, BootTime)>,
    right: VecDeque<TokenSender>,
}

impl WrongTokens {
    /// Whether a token of this peer may be looked at. The guesses of others hold up nobody who has shown
    /// the right one.
    pub(super) fn may_try(&mut self, peer: TokenSender, now: BootTime) -> bool {
        self.wrong.retain(|(_, at)| now.since(*at).to_duration() < COUNTS);
        let of_peer = self.wrong.iter().filter(|(other, _)| *other == peer).count();
        let is_known = of_peer == 0 && self.right.contains(&peer);
        of_peer < OF_ONE_PEER && (is_known || self.wrong.len() < OF_ALL)
    }

    /// One was wrong.
    pub(super) fn add(&mut self, peer: TokenSender, now: BootTime) {
        if self.wrong.len() < OF_ALL + KNOWN {
            self.wrong.push((peer, now));
        }
    }

    /// One was right.
    pub(super) fn remember(&mut self, peer: TokenSender) {
        if !self.right.contains(&peer) {
            self.right.truncate(KNOWN - 1);
            self.right.push_front(peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u8) -> TokenSender {
        TokenSender { ip: IpAddr::from([192, 0, 2, number]), way: SenderWay::FromElsewhere }
    }

    #[test]
    fn a_peer_has_five_a_minute_and_all_together_thirty() {
        let mut wrong = WrongTokens::default();
        wrong.remember(peer(0));
        let at = |seconds: i64| BootTime::from_micros(seconds * 1_000_000);
        for second in 0..5 {
            assert!(wrong.may_try(peer(1), at(second)));
            wrong.add(peer(1), at(second));
        }
        assert!(!wrong.may_try(peer(1), at(5)));
        assert!(wrong.may_try(peer(2), at(5)), "others are not held up");
        assert!(wrong.may_try(peer(1), at(60)), "the first is a minute old");
        wrong.add(peer(1), at(60));
        assert!(!wrong.may_try(peer(1), at(60)));
        for number in 3..=255 {
            if wrong.may_try(peer(number), at(60)) {
                wrong.add(peer(number), at(60));
            }
        }
        assert_eq!(wrong.wrong.len(), OF_ALL);
        assert!(wrong.may_try(peer(0), at(60)), "who showed the right one is not held up");
        wrong.add(peer(0), at(60));
        assert!(!wrong.may_try(peer(0), at(60)));
        assert!(!wrong.may_try(peer(2), at(60)));
        assert!(wrong.may_try(peer(2), at(120)) && wrong.wrong.is_empty());
    }
}
