use super::*;
use crate::store::{add_note, edit_note, remove_note};
use crate::vocabulary::{Note, NoteDraft, NoteKind, NoteWas};

fn us(us: i64) -> Timestamp {
    at(0).utc.plus_micros(us)
}

fn draft(at: i64, kind: NoteKind, text: &str) -> NoteDraft {
    NoteDraft { at: us(at), kind, ticket: None, text: text.to_owned() }
}

fn noted(id: i64, draft: NoteDraft, added: i64) -> Note {
    let NoteDraft { at, kind, ticket, text } = draft;
    Note { id, at, kind, ticket, text, added: us(added), edited: None }
}

#[test]
fn a_note_can_be_added_beside_the_daemon() {
    let place = Place::new();
    let mut writer = place.writer();
    let first = writer.put_note(us(5), "modem replaced", at(9)).unwrap();
    let call = NoteDraft {
        ticket: Some("4711".to_owned()),
        ..draft(3, NoteKind::Call, "they see nothing")
    };
    let second = add_note(&place.db(), &call, us(8)).unwrap();
    let reader = place.reader();
    let replaced = noted(first, draft(5, NoteKind::Other, "modem replaced"), 9_000_000);
    assert_eq!(reader.notes(ALL).unwrap(), [noted(second, call.clone(), 8), replaced.clone()]);
    assert_eq!(reader.note_by_id(first).unwrap(), Some(replaced));
    assert_eq!(reader.note_by_id(99).unwrap(), None);
    let missing = add_note(&place.db().with_extension("no"), &call, us(8));
    assert!(matches!(missing, Err(Error::NoDatabase { .. })));
}

#[test]
fn what_a_note_said_before_it_was_edited_or_removed_stays_in_the_record() {
    let place = Place::new();
    let _daemon = place.writer();
    let said = draft(5, NoteKind::Visit, "technician on site");
    let id = add_note(&place.db(), &said, us(6)).unwrap();
    let better = NoteDraft {
        ticket: Some("INC-9".to_owned()),
        ..draft(4, NoteKind::Visit, "technician on site, new splitter")
    };
    let edited = edit_note(&place.db(), id, &better, None, us(7)).unwrap();
    assert_eq!(edited, Note { edited: Some(us(7)), ..noted(id, better.clone(), 6) });
    assert_eq!(place.reader().notes(ALL).unwrap(), std::slice::from_ref(&edited));
    edit_note(&place.db(), id, &better, None, us(8)).unwrap();
    let again = place.reader().notes(ALL).unwrap();
    assert_eq!(again, std::slice::from_ref(&edited), "the same again is no edit");

    assert_eq!(remove_note(&place.db(), id, None, us(9)).unwrap(), edited);
    let reader = place.reader();
    assert_eq!(reader.notes(ALL).unwrap(), []);
    let changes = reader.note_changes(ALL).unwrap();
    let told: Vec<_> = changes.iter().map(|c| (c.was, c.changed, c.before.draft())).collect();
    assert_eq!(told, [(NoteWas::Edited, us(7), said), (NoteWas::Removed, us(9), better.clone())]);
    assert!(changes.iter().all(|c| c.before.id == id && c.before.added == us(6)));

    let gone = [
        edit_note(&place.db(), id, &better, None, us(10)).unwrap_err(),
        remove_note(&place.db(), id, None, us(10)).unwrap_err(),
    ];
    for error in gone {
        assert!(matches!(error, Error::NoNote { id: 1, .. }), "{error}");
        assert!(error.to_string().starts_with("there is no note 1 in "), "{error}");
    }
    let next = add_note(&place.db(), &better, us(11)).unwrap();
    assert!(next > id, "the number of a removed note is not given again");
}

#[test]
fn a_note_that_was_changed_since_it_was_read_is_not_changed_over_that() {
    let place = Place::new();
    let _daemon = place.writer();
    let id = add_note(&place.db(), &draft(5, NoteKind::Visit, "first"), us(6)).unwrap();
    let version = || place.reader().note_versions().unwrap().get(&id).copied();
    assert_eq!(version(), None);
    let written = place.reader().notes_written().unwrap();
    let second = draft(5, NoteKind::Visit, "second");
    // The clock may stand still or go back.
    edit_note(&place.db(), id, &second, Some(0), us(6)).unwrap();
    assert_eq!(version(), Some(1));
    assert_ne!(place.reader().notes_written().unwrap(), written);
    let late = [
        edit_note(&place.db(), id, &draft(5, NoteKind::Visit, "third"), Some(0), us(5)),
        remove_note(&place.db(), id, Some(0), us(5)),
    ];
    for refused in late {
        assert!(matches!(refused, Err(Error::NoteChanged { .. })), "{refused:?}");
    }
    assert_eq!(place.reader().note_by_id(id).unwrap().unwrap().draft(), second);
    remove_note(&place.db(), id, Some(1), us(5)).unwrap();
    assert_eq!(place.reader().notes(ALL).unwrap(), []);
}

#[test]
fn notes_of_an_earlier_schema_are_read_and_not_written_before_the_file_is_brought_up_to_date() {
    let place = Place::new();
    super::impairments::file_of_schema_1(&place);
    let before = std::fs::read(place.db()).unwrap();
    let reader = place.reader();
    let notes = reader.notes(ALL).unwrap();
    assert_eq!((notes[0].kind, &notes[0].ticket, notes[0].edited), (NoteKind::Other, &None, None));
    assert_eq!(reader.note_changes(ALL).unwrap(), []);
    drop(reader);
    let refused = add_note(&place.db(), &draft(0, NoteKind::Call, "x"), us(1)).unwrap_err();
    assert!(matches!(refused, Error::TooOld { found: 1, .. }), "{refused}");
    assert_eq!(std::fs::read(place.db()).unwrap(), before);
    drop(place.writer());
    let id = edit_note(
        &place.db(),
        notes[0].id,
        &draft(0, NoteKind::Hardware, "new modem"),
        None,
        us(1),
    );
    assert_eq!(id.unwrap().added, notes[0].added);
    // What a program of schema 1 or 2 asks.
    let text: String =
        place.sql().query_row("SELECT text FROM note ORDER BY id", [], |row| row.get(0)).unwrap();
    assert_eq!(text, "new modem");
}
