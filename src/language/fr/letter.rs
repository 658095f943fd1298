//! What is asked of the provider.

use crate::language::phrases::LetterWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const LETTER: LetterWords = LetterWords {
    line: "Ligne",
    first_hop: "le premier nœud du FAI est {address}",
    asked: "Demande",
    check: ["veuillez vérifier les niveaux de signal de la ligne, aussi en amont, et les expirations T3/T4 du modem à ces moments", "veuillez vérifier votre réseau au-delà du premier nœud à ces moments", "veuillez vérifier les niveaux de signal de la ligne, aussi en amont, les expirations T3/T4 du modem et votre réseau au-delà du premier nœud à ces moments"],
    no_account: "aucun numéro de client n’est indiqué, le texte n’en a donc pas\u{a0}: ajoutez `account` sous `[site]` dans la configuration",
    provider: "[nom et adresse du fournisseur]",
    subject: "Objet",
    subject_of: "coupures de ma connexion Internet{customer}{ticket}",
    customer: ", numéro de client {n}",
    ticket: ", billet {n}",
    greeting: "Madame, Monsieur,",
    ask: "Je vous demande ce qui suit\u{a0}:",
    please: ["{check};", "veuillez me dire par écrit ce que vous avez trouvé et quand la panne sera réparée;", "veuillez accuser réception de cette lettre, avec le numéro de votre billet."],
    closing: "Veuillez agréer, Madame, Monsieur, mes salutations distinguées.",
    enclosed: "Pièces jointes",
    enclosures: ["la période en une image (linkmon report -o sheet.pdf)", "les données et leurs sommes de contrôle (linkmon report -o record.zip)"],
};
