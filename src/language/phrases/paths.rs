//! The path at the moment of a drop.

/// Who answered last, who was silent first, who came back first.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct PathWords {
    /// Its title.
    pub(crate) name: &'static str,
    pub(crate) last: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) back: &'static str,
    pub(crate) together: &'static str,
    pub(crate) alike: &'static str,
    /// A hop without an address.
    pub(crate) hop: &'static str,
    pub(crate) some_hop: &'static str,
    /// Why nothing was asked.
    pub(crate) no_route: &'static str,
    pub(crate) paced: &'static str,
    pub(crate) not_sent: &'static str,
}

pub(crate) const EN: PathWords = PathWords {
    name: "Path",
    last: "the last that answered: {hop}",
    nobody: "no hop answered",
    silent: "first silent: {hop}",
    back: "came back first: {hops}",
    together: "all came back within a second of each other",
    alike: "in {n} of {all} drops: {path}",
    hop: "hop {n}",
    some_hop: "a hop",
    no_route: "the path could not be asked: this computer had no route",
    paced: "the path was not asked: it had been less than a minute before",
    not_sent: "the path could not be asked",
};

pub(crate) const FR: PathWords = PathWords {
    name: "Chemin",
    last: "dernier à répondre\u{a0}: {hop}",
    nobody: "aucun saut n’a répondu",
    silent: "premier muet\u{a0}: {hop}",
    back: "revenu le premier\u{a0}: {hops}",
    together: "tous revenus en moins d’une seconde",
    alike: "lors de {n} coupures sur {all}\u{a0}: {path}",
    hop: "saut {n}",
    some_hop: "un saut",
    no_route: "le chemin n’a pas pu être demandé\u{a0}: cet ordinateur n’avait pas de route",
    paced: "le chemin n’a pas été demandé\u{a0}: il l’avait été moins d’une minute avant",
    not_sent: "le chemin n’a pas pu être demandé",
};
