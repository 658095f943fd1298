//! The path at the moment of a drop, in words.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::report::{CameBack, DropPath, NamedHop, PathFinding, Report};
use crate::vocabulary::PathObstacle;

impl Language {
    /// `the last that answered: 203.0.113.1 (ISP hop); first silent: ...; came back first: ...`; `None`
    /// where nothing is known.
    pub(crate) fn path(&self, path: &DropPath) -> Option<String> {
        let parts: Vec<_> =
            [self.path_while_down(path), self.path_back(path)].into_iter().flatten().collect();
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

    /// What came back first.
    pub(crate) fn path_back(&self, path: &DropPath) -> Option<String> {
        let w = &self.phrases().paths;
        match &path.back {
            CameBack::Unknown => None,
            CameBack::Together => Some(w.together.to_owned()),
            CameBack::First(hops) => {
                let hops: Vec<_> = hops.iter().map(|hop| self.hop(hop)).collect();
                Some(fill(w.back, &[("hops", &hops.join(", "))]))
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
        let mut paths = counted.iter().filter_map(|drop| drop.path.as_ref());
        if let [only] = &counted[..] {
            return self.path(only.path.as_ref()?);
        }
        let first = paths.next()?.finding.as_ref()?;
        let alike = 1 + paths.clone().filter(|path| path.finding.as_ref() == Some(first)).count();
        if alike <= paths.filter(|path| path.finding.is_some()).count() {
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
