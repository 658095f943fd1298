//! What is asked of the provider.

use crate::language::phrases::LetterWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const LETTER: LetterWords = LetterWords {
    line: "Line",
    first_hop: "the ISP's first hop is {address}",
    asked: "Asked for",
    check: ["please check the signal levels of the line, upstream too, and the T3/T4 timeouts of the modem at these times", "please check your network behind the first hop at these times", "please check the signal levels of the line, upstream too, the T3/T4 timeouts of the modem, and your network behind the first hop at these times"],
    no_account: "no customer number is set, so the text has none: put `account` under `[site]` in the configuration",
    provider: "[name and address of the provider]",
    subject: "Subject",
    subject_of: "drops of my Internet connection{customer}{ticket}",
    customer: ", customer number {n}",
    ticket: ", ticket {n}",
    greeting: "Dear Sir or Madam,",
    ask: "I ask you to do the following:",
    please: ["{check};", "tell me in writing what you found, and when the fault will be repaired;", "confirm that you have received this letter, with the number of your ticket."],
    closing: "Yours faithfully,",
    enclosed: "Enclosures",
    enclosures: ["the period in one picture (linkmon report -o sheet.pdf)", "the data with checksums (linkmon report -o record.zip)"],
};
