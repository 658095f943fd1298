//! The path at the moment of a drop, in words.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::report::{CameBack, DropPath, NamedHop, PathFinding, Report};
use crate::text::order::InOrder;
use crate::vocabulary::{PathObstacle, Role};

impl Language {
    /// `the last that answered: 203.0.113.1 (ISP hop); first silent: ...; came back first: ...`; `None`
    /// where nothing is known.
    pub(crate) fn path(&self, path: &DropPath) -> Option<String> {
        let while_down = self.path_while_down(path);
        // That all came back at once is no path.
        let is_told = while_down.is_some() || path.back != CameBack::Together;
        let back = self.path_back(path).filter(|_| is_told);
        let parts: Vec<_> = [while_down, back].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Who answered while the drop lasted, or why no one was asked.
    pub(crate) fn path_while_down(&self, path: &DropPath) -> Option<String> {
        let w = &self.phrases().paths;
        if let Some(finding) = &path.finding {
            return Some(self.path_finding(finding).join("; "));
        }
        let why = path.rounds.iter().find_map(|round| round.unsent)?;
        let why = match why {
            PathObstacle::NoRoute => w.no_route,
            PathObstacle::Paced => w.paced,
            PathObstacle::Forbidden | PathObstacle::Spent | PathObstacle::Other => w.not_sent,
        };
        Some(why.to_owned())
    }

    /// What came back first: the two nearest, where there are more.
    pub(crate) fn path_back(&self, path: &DropPath) -> Option<String> {
        let w = &self.phrases().paths;
        match &path.back {
            CameBack::Unknown => None,
            CameBack::Together => Some(w.together.to_owned()),
            CameBack::First(hops) => {
                const NAMED: usize = 2;
                let mut hops: Vec<_> = hops.iter().collect();
                hops.order_by_key(|hop| hop.role.unwrap_or(Role::Service));
                let named: Vec<_> = hops.iter().take(NAMED).map(|hop| self.hop(hop)).collect();
                let mut text = named.join(", ");
                if hops.len() > NAMED {
                    let more = self.number((hops.len() - NAMED) as u64);
                    text = fill(w.more, &[("hops", &text), ("n", &more)]);
                }
                Some(fill(w.back, &[("hops", &text)]))
            }
        }
    }

    fn path_finding(&self, finding: &PathFinding) -> Vec<String> {
        let w = &self.phrases().paths;
        let last = match &finding.last_answered {
            Some(hop) => fill(w.last, &[("hop", &self.hop(hop))]),
            None => w.nobody.to_owned(),
        };
        let first = finding.first_silent.as_ref();
        let first = first.map(|hop| fill(w.silent, &[("hop", &self.hop(hop))]));
        [Some(last), first].into_iter().flatten().collect()
    }

    /// The path of the only drop, or what all drops have in common; `None` where that is nothing.
    pub(crate) fn path_of_all(&self, report: &Report) -> Option<String> {
        let counted: Vec<_> = report.drops.iter().filter(|drop| drop.counts()).collect();
        if let [only] = &counted[..] {
            return self.path(only.path.as_ref()?);
        }
        let findings = counted.iter().filter_map(|drop| drop.path.as_ref()?.finding.as_ref());
        // There are few that differ: a line fails at a place or two.
        let mut found: Vec<(&PathFinding, usize)> = Vec::new();
        for finding in findings {
            match found.iter_mut().find(|(known, _)| *known == finding) {
                Some((_, n)) => *n += 1,
                None => found.push((finding, 1)),
            }
        }
        let all: usize = found.iter().map(|(_, n)| n).sum();
        let (first, alike) = found.into_iter().max_by_key(|(_, n)| *n)?;
        if alike * 2 <= all {
            return None;
        }
        let values = [
            ("n", self.number(alike as u64)),
            ("all", self.number(counted.len() as u64)),
            ("path", self.path_finding(first).join("; ")),
        ];
        Some(fill(self.phrases().paths.alike, &values))
    }

    /// `203.0.113.1 (ISP hop)`, or by its number where the address is not known.
    fn hop(&self, hop: &NamedHop) -> String {
        let w = &self.phrases().paths;
        let role = hop.role.map(|role| self.role(role));
        let name = match (hop.address, hop.ttl) {
            (Some(address), _) => address.to_string(),
            (None, Some(ttl)) => fill(w.hop, &[("n", &ttl.to_string())]),
            (None, None) => return role.unwrap_or(w.some_hop).to_owned(),
        };
        role.map_or(name.clone(), |role| format!("{name} ({role})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::language::of;

    #[test]
    fn of_many_that_came_back_first_the_nearest_are_named() {
        let hop = |address: &str, role| NamedHop {
            ttl: None,
            address: address.parse().ok(),
            role: Some(role),
        };
        let back = |hops: &[NamedHop]| {
            let back = CameBack::First(hops.to_vec());
            of(Lang::En).path_back(&DropPath { rounds: Vec::new(), finding: None, back })
        };
        let (one, two) = (hop("1.1.1.1", Role::Anchor), hop("8.8.8.8", Role::Anchor));
        let (three, isp) = (hop("9.9.9.9", Role::Anchor), hop("203.0.113.1", Role::Isp));
        let all = [one, two, three, isp];
        let said = "came back first: 203.0.113.1 (ISP hop), 1.1.1.1 (public server) and 2 more";
        assert_eq!(back(&all).as_deref(), Some(said));
        let said = "came back first: 203.0.113.1 (ISP hop), 1.1.1.1 (public server)";
        assert_eq!(back(&[one, isp]).as_deref(), Some(said));
    }

    #[test]
    fn that_all_came_back_at_once_is_no_path() {
        let path = DropPath { rounds: Vec::new(), finding: None, back: CameBack::Together };
        assert_eq!(of(Lang::En).path(&path), None);
        let finding = PathFinding { last_answered: None, first_silent: None };
        let known = DropPath { finding: Some(finding), ..path };
        let said = of(Lang::En).path(&known).unwrap();
        assert!(said.ends_with("; all came back within a second of each other"), "{said}");
    }
}
