//! What of it is shown, and what keys change of that. Pure.

use super::strip::CELL_SECONDS;

/// Rows that Page Up and Page Down go.
const PAGE: usize = 10;

/// A key that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WatchKey {
    /// `q`, Escape.
    Back,
    /// Ctrl-C.
    Quit,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-L.
    Redraw,
    /// `?`, `h`, F1.
    Help,
    /// Tab.
    OtherPane,
    /// Enter.
    Open,
    /// `+`.
    Longer,
    /// `-`.
    Shorter,
    /// `p`.
    Pause,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// Page Up.
    PageUp,
    /// Page Down.
    PageDown,
    /// Home.
    First,
    /// End.
    Last,
}

/// What a key asks of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyOutcome {
    /// To draw anew.
    Draw,
    /// To draw all of the screen anew, whatever is on it.
    DrawAll,
    /// To end.
    Quit,
    /// To stop until it is continued.
    Suspend,
}

/// A part of the picture that is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WatchPane {
    /// The targets with their strips.
    Targets,
    /// The list of drops.
    Drops,
}

/// Whether the picture goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PicturePace {
    /// Every second.
    Live,
    /// It stays as it is.
    Paused,
}

/// What lies on top of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnTop {
    /// Nothing.
    Nothing,
    /// The list of keys.
    Keys,
    /// A drop, probe by probe.
    Drop(DropView),
}

/// How a drop is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DropView {
    /// Its number.
    pub(super) id: i64,
    /// Which of [`CELL_SECONDS`] a mark stands for; `None`: what shows all of it.
    pub(super) cell: Option<usize>,
    /// How many halves of the width the view was moved to later times.
    pub(super) halves: i64,
    /// How many rows it was scrolled.
    pub(super) row: usize,
}

/// What there is to choose from, as it was drawn last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Choices<'a> {
    /// Targets.
    pub(super) targets: usize,
    /// Numbers of the drops, in the order of their rows.
    pub(super) drops: &'a [i64],
    /// Which of [`CELL_SECONDS`] a mark of what is shown stands for.
    pub(super) cell: usize,
}

/// What of the picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ViewState {
    /// Which pane the arrows scroll.
    pub(super) pane: WatchPane,
    /// The chosen target, by its row.
    pub(super) target: usize,
    /// The number of the chosen drop; `None`: the newest.
    pub(super) drop: Option<i64>,
    /// Which of [`CELL_SECONDS`] a mark stands for; `None`: as fits.
    pub(super) cell: Option<usize>,
    /// Whether it goes on.
    pub(super) pace: PicturePace,
    /// What lies on top.
    pub(super) on_top: OnTop,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            pane: WatchPane::Targets,
            target: 0,
            drop: None,
            cell: None,
            pace: PicturePace::Live,
            on_top: OnTop::Nothing,
        }
    }
}

impl ViewState {
    /// What a key does.
    pub(super) fn on_key(&mut self, key: WatchKey, choices: Choices<'_>) -> KeyOutcome {
        match key {
            WatchKey::Quit => return KeyOutcome::Quit,
            WatchKey::Suspend => return KeyOutcome::Suspend,
            WatchKey::Redraw => return KeyOutcome::DrawAll,
            WatchKey::Back if self.on_top == OnTop::Nothing => return KeyOutcome::Quit,
            WatchKey::Back => self.on_top = OnTop::Nothing,
            WatchKey::Pause => {
                self.pace = match self.pace {
                    PicturePace::Live => PicturePace::Paused,
                    PicturePace::Paused => PicturePace::Live,
                };
            }
            WatchKey::Help => {
                self.on_top = match self.on_top {
                    OnTop::Keys => OnTop::Nothing,
                    OnTop::Nothing | OnTop::Drop(_) => OnTop::Keys,
                };
            }
            _ => match &mut self.on_top {
                OnTop::Nothing => self.on_picture(key, choices),
                OnTop::Keys | OnTop::Drop(_) if key == WatchKey::Open => {
                    self.on_top = OnTop::Nothing;
                }
                OnTop::Keys => {}
                OnTop::Drop(view) => view.on_key(key, choices.cell),
            },
        }
        KeyOutcome::Draw
    }

    fn on_picture(&mut self, key: WatchKey, choices: Choices<'_>) {
        match key {
            WatchKey::OtherPane => {
                self.pane = match self.pane {
                    WatchPane::Targets => WatchPane::Drops,
                    WatchPane::Drops => WatchPane::Targets,
                };
            }
            WatchKey::Open if self.pane == WatchPane::Drops => {
                let id = choices.drops.get(self.drop_row(choices.drops));
                if let Some(id) = id.copied() {
                    let view = DropView { id, cell: None, halves: 0, row: 0 };
                    self.on_top = OnTop::Drop(view);
                }
            }
            WatchKey::Longer => self.cell = Some(longer(choices.cell)),
            WatchKey::Shorter => self.cell = Some(choices.cell.saturating_sub(1)),
            _ => match self.pane {
                WatchPane::Targets => self.target = moved(self.target, key, choices.targets),
                WatchPane::Drops => {
                    let row = moved(self.drop_row(choices.drops), key, choices.drops.len());
                    // At the top it stays with the newest, whichever that is.
                    self.drop = choices.drops.get(row).copied().filter(|_| row > 0);
                }
            },
        }
    }

    /// The row of the chosen drop.
    pub(super) fn drop_row(&self, drops: &[i64]) -> usize {
        self.drop.and_then(|id| drops.iter().position(|other| *other == id)).unwrap_or(0)
    }
}

impl DropView {
    fn on_key(&mut self, key: WatchKey, cell: usize) {
        match key {
            WatchKey::Longer => self.cell = Some(longer(cell)),
            WatchKey::Shorter => self.cell = Some(cell.saturating_sub(1)),
            WatchKey::Left => self.halves -= 1,
            WatchKey::Right => self.halves += 1,
            WatchKey::First => self.halves = 0,
            _ => self.row = moved(self.row, key, usize::MAX),
        }
    }
}

fn longer(cell: usize) -> usize {
    (cell + 1).min(CELL_SECONDS.len() - 1)
}

/// The row after a key, among `count`.
fn moved(row: usize, key: WatchKey, count: usize) -> usize {
    let row = match key {
        WatchKey::Up => row.saturating_sub(1),
        WatchKey::Down => row.saturating_add(1),
        WatchKey::PageUp => row.saturating_sub(PAGE),
        WatchKey::PageDown => row.saturating_add(PAGE),
        WatchKey::First => 0,
        WatchKey::Last => count,
        _ => row,
    };
    row.min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DROPS: [i64; 3] = [9, 8, 5];

    fn press(view: &mut ViewState, keys: &[WatchKey]) -> KeyOutcome {
        let choices = Choices { targets: 12, drops: &DROPS, cell: view.cell.unwrap_or(3) };
        keys.iter().fold(KeyOutcome::Draw, |_, key| view.on_key(*key, choices))
    }

    #[test]
    fn keys_scroll_the_pane_that_was_chosen_and_stay_within_it() {
        let mut view = ViewState::default();
        press(&mut view, &[WatchKey::Down, WatchKey::PageDown, WatchKey::PageDown]);
        assert_eq!((view.target, view.drop), (11, None));
        press(&mut view, &[WatchKey::OtherPane, WatchKey::Down]);
        assert_eq!((view.target, view.drop), (11, Some(8)));
        press(&mut view, &[WatchKey::Last, WatchKey::Down]);
        assert_eq!(view.drop, Some(5));
        press(&mut view, &[WatchKey::First, WatchKey::Up]);
        assert_eq!(view.drop, None, "the newest, whichever that is");
    }

    #[test]
    fn what_was_chosen_stays_chosen_when_a_drop_begins() {
        let mut view = ViewState { pane: WatchPane::Drops, ..ViewState::default() };
        press(&mut view, &[WatchKey::Down]);
        assert_eq!(view.drop_row(&[10, 9, 8, 5]), 2);
        assert_eq!(view.drop_row(&[]), 0, "nor is it lost where none is left");
    }

    #[test]
    fn a_drop_is_opened_looked_at_and_closed() {
        let mut view = ViewState { pane: WatchPane::Drops, ..ViewState::default() };
        press(&mut view, &[WatchKey::Down, WatchKey::Open]);
        let shown = |view: &ViewState| match view.on_top {
            OnTop::Drop(drop) => Some(drop),
            OnTop::Nothing | OnTop::Keys => None,
        };
        assert_eq!(shown(&view), Some(DropView { id: 8, cell: None, halves: 0, row: 0 }));
        press(&mut view, &[WatchKey::Right, WatchKey::Right, WatchKey::Left, WatchKey::Shorter]);
        assert_eq!(shown(&view), Some(DropView { id: 8, cell: Some(2), halves: 1, row: 0 }));
        assert_eq!((view.cell, view.drop), (None, Some(8)), "the picture below is as it was");
        assert_eq!(press(&mut view, &[WatchKey::Back]), KeyOutcome::Draw);
        assert_eq!(view.on_top, OnTop::Nothing);
        assert_eq!(press(&mut view, &[WatchKey::Back]), KeyOutcome::Quit);
    }

    #[test]
    fn without_drops_and_targets_no_key_does_harm() {
        let keys = [
            WatchKey::Up,
            WatchKey::Last,
            WatchKey::PageDown,
            WatchKey::Open,
            WatchKey::OtherPane,
            WatchKey::Down,
            WatchKey::Last,
            WatchKey::Open,
            WatchKey::Left,
        ];
        let mut view = ViewState::default();
        for key in keys {
            assert_eq!(view.on_key(key, Choices::default()), KeyOutcome::Draw);
        }
        assert_eq!((view.target, view.drop, view.on_top), (0, None, OnTop::Nothing));
    }

    #[test]
    fn spans_end_at_the_shortest_and_the_longest() {
        let mut view = ViewState::default();
        press(&mut view, &[WatchKey::Shorter; 9]);
        assert_eq!(view.cell, Some(3 - 1), "by what was drawn, which does not change here");
        view.cell = Some(0);
        press(&mut view, &[WatchKey::Shorter]);
        assert_eq!(view.cell, Some(0));
        view.cell = Some(CELL_SECONDS.len() - 1);
        press(&mut view, &[WatchKey::Longer]);
        assert_eq!(view.cell, Some(CELL_SECONDS.len() - 1));
    }

    #[test]
    fn ctrl_c_ends_it_from_everywhere() {
        for on_top in [OnTop::Nothing, OnTop::Keys] {
            let mut view = ViewState { on_top, ..ViewState::default() };
            assert_eq!(press(&mut view, &[WatchKey::Quit]), KeyOutcome::Quit);
            assert_eq!(press(&mut view, &[WatchKey::Suspend]), KeyOutcome::Suspend);
        }
    }
}
