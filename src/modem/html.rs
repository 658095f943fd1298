//! A page taken apart: its tables, its lines of text and its scripts, on the tokens of a conforming
//! tokenizer. What pages leave out is filled in as browsers do: rows that are not opened, cells and
//! rows that are not closed, tables that never end.

use html5gum::Token;

use super::cells::squeezed;
use super::tokens::tokens;

/// A page taken apart.
#[derive(Debug, Default)]
pub(in crate::modem) struct HtmlPage {
    /// Its title.
    pub(in crate::modem) title: String,
    /// Its tables, in the order in which they begin; one inside another, too.
    pub(in crate::modem) tables: Vec<HtmlTable>,
    /// Its scripts.
    pub(in crate::modem) scripts: Vec<String>,
    /// What it shows, line by line; the cells of a row are joined by tabs.
    pub(in crate::modem) lines: Vec<String>,
    /// Whether it has a field for a password.
    pub(in crate::modem) has_password_field: bool,
}

/// A table: a grid of cells, those that span several rows or columns repeated.
#[derive(Debug, Default, Clone)]
pub(in crate::modem) struct HtmlTable {
    /// Its `id`.
    pub(in crate::modem) id: String,
    /// The last line of text before it.
    pub(in crate::modem) before: String,
    /// Its rows that have cells.
    pub(in crate::modem) rows: Vec<Vec<HtmlCell>>,
}

/// A cell.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::modem) struct HtmlCell {
    /// Its text, without that of a table inside it.
    pub(in crate::modem) text: String,
    /// Whether it continues a cell of the row before.
    pub(in crate::modem) is_continued: bool,
    /// Columns that it spans.
    columns: usize,
    /// Rows that it spans.
    rows: usize,
}

/// No table of a modem is as large; what is beyond is not read.
const MOST_CELLS: usize = 20_000;
/// Tables inside one another, no deeper.
const DEEPEST: usize = 16;
/// No cell of a modem is longer.
const LONGEST_CELL: usize = 8_192;
/// A cell spans no more columns or rows than this.
const WIDEST: usize = 128;

impl HtmlPage {
    /// The page of these bytes, which need not be UTF-8.
    pub(in crate::modem) fn read(body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let mut reading = HtmlReading::default();
        for token in tokens(&body) {
            match token {
                Token::StartTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name).into_owned();
                    let attribute = |name: &str| {
                        let value = tag.attributes.get(name.as_bytes())?;
                        Some(String::from_utf8_lossy(value).trim().to_owned())
                    };
                    reading.begin(&name, &attribute);
                }
                Token::EndTag(tag) => reading.end(&String::from_utf8_lossy(&tag.name)),
                Token::String(text) => reading.text(&String::from_utf8_lossy(&text)),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        reading.finish()
    }

    /// The values that scripts give to variables by a literal: `var SysTimeUp = '15 days';`.
    pub(in crate::modem) fn variables(&self) -> Vec<(&str, String)> {
        let mut variables = Vec::new();
        for script in &self.scripts {
            let mut rest = script.as_str();
            while let Some(at) = rest.find(VAR) {
                rest = &rest[at + VAR.len()..];
                let near = &rest[..rest.floor_char_boundary(LONGEST_NAME)];
                let Some((name, _)) = near.split_once('=') else { continue };
                let value = &rest[name.len() + 1..];
                let name = name.trim();
                let is_part = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
                if name.is_empty() || !name.bytes().all(is_part) {
                    continue;
                }
                match literal(value) {
                    Some((value, after)) => {
                        variables.push((name, value));
                        rest = after;
                    }
                    // A string that is not closed is the last.
                    None if value.trim_start().starts_with(['\'', '"']) => break,
                    None => {}
                }
            }
        }
        variables
    }
}

const VAR: &str = "var ";
/// Names of variables are shorter.
const LONGEST_NAME: usize = 100;

/// The string that a script's text begins with, in single or double quotes, its escapes resolved; and
/// what comes after it.
pub(in crate::modem) fn literal(script: &str) -> Option<(String, &str)> {
    let mut chars = script.trim_start().chars();
    let quote = chars.next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut text = String::new();
    loop {
        match chars.next()? {
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                '\n' => {}
                other => text.push(other),
            },
            c if c == quote => return Some((text, chars.as_str())),
            c => text.push(c),
        }
    }
}

#[derive(Default)]
struct HtmlReading {
    page: HtmlPage,
    /// Tables that are open, the innermost last: their place in the page's list.
    open: Vec<OpenTable>,
    line: String,
    /// The line before the one that is open.
    last_line: String,
    cells: usize,
    /// Copies of cells that span several columns or rows.
    copies: usize,
    /// The element whose text is taken as it stands.
    raw: Option<RawText>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RawText {
    Title,
    Script,
    Style,
}

struct OpenTable {
    place: usize,
    row: Option<Vec<HtmlCell>>,
    is_cell_open: bool,
}

impl OpenTable {
    fn cell(&mut self) -> Option<&mut HtmlCell> {
        self.row.as_mut().filter(|_| self.is_cell_open)?.last_mut()
    }
}

impl HtmlReading {
    fn begin(&mut self, name: &str, attribute: &dyn Fn(&str) -> Option<String>) {
        match name {
            "title" => self.raw = Some(RawText::Title),
            "style" => self.raw = Some(RawText::Style),
            "script" => {
                self.raw = Some(RawText::Script);
                self.page.scripts.push(String::new());
            }
            "input" => {
                let kind = attribute("type").unwrap_or_default();
                self.page.has_password_field |= kind.eq_ignore_ascii_case("password");
            }
            "br" => {
                self.text("\n");
                if self.open.is_empty() {
                    self.end_line();
                }
            }
            "table" => self.begin_table(attribute("id").unwrap_or_default()),
            "tr" => {
                self.end_row();
                if let Some(table) = self.open.last_mut() {
                    table.row = Some(Vec::new());
                }
            }
            "td" | "th" => {
                let span = |name| {
                    let span = attribute(name).and_then(|text| text.parse::<usize>().ok());
                    span.unwrap_or(1).clamp(1, WIDEST)
                };
                self.begin_cell(HtmlCell {
                    columns: span("colspan"),
                    rows: span("rowspan"),
                    ..HtmlCell::default()
                });
            }
            "thead" | "tbody" | "tfoot" => self.end_row(),
            _ if is_block(name) => self.break_line(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "title" | "script" | "style" => self.raw = None,
            "table" => self.end_table(),
            "tr" | "thead" | "tbody" | "tfoot" => self.end_row(),
            "td" | "th" => self.end_cell(),
            _ if is_block(name) => self.break_line(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match self.raw {
            Some(RawText::Title) => self.page.title.push_str(text),
            Some(RawText::Script) => {
                if let Some(script) = self.page.scripts.last_mut() {
                    script.push_str(text);
                }
            }
            Some(RawText::Style) => {}
            None => {
                if let Some(cell) = self.open.last_mut().and_then(OpenTable::cell) {
                    cell.text.push_str(text);
                }
                self.line.push_str(text);
            }
        }
    }

    /// The end of a paragraph: of a line, unless it is inside of a cell.
    fn break_line(&mut self) {
        if self.open.last_mut().is_some_and(|table| table.cell().is_some()) {
            self.text(" ");
        } else {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        let line: Vec<String> = self.line.split('\t').map(squeezed).collect();
        self.line.clear();
        if line.iter().any(|part| !part.is_empty()) {
            let line = line.join("\t");
            line.trim().clone_into(&mut self.last_line);
            truncate(&mut self.last_line, LONGEST_NAME);
            self.page.lines.push(line);
        }
    }

    fn begin_table(&mut self, id: String) {
        self.end_line();
        // One that begins between the rows of another lies beside it.
        if self.open.len() >= DEEPEST {
            return;
        }
        self.page.tables.push(HtmlTable { id, before: self.last_line.clone(), rows: Vec::new() });
        self.open.push(OpenTable {
            place: self.page.tables.len() - 1,
            row: None,
            is_cell_open: false,
        });
    }

    fn end_table(&mut self) {
        self.end_row();
        self.end_line();
        self.open.pop();
    }

    fn begin_cell(&mut self, cell: HtmlCell) {
        self.end_cell();
        self.cells += 1;
        if self.cells > MOST_CELLS {
            return;
        }
        if let Some(table) = self.open.last_mut() {
            table.row.get_or_insert_default().push(cell);
            table.is_cell_open = true;
        } else {
            // A cell without a table is apart from the one before all the same.
            self.line.push('\t');
        }
    }

    fn end_cell(&mut self) {
        if let Some(table) = self.open.last_mut()
            && let Some(cell) = table.cell()
        {
            cell.text = squeezed(&cell.text);
            truncate(&mut cell.text, LONGEST_CELL);
            table.is_cell_open = false;
            self.line.push('\t');
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let Some(table) = self.open.last_mut() else { return };
        if let Some(row) = table.row.take().filter(|row| !row.is_empty()) {
            let place = table.place;
            self.page.tables[place].add_row(row, &mut self.copies);
            self.end_line();
        }
    }

    fn finish(mut self) -> HtmlPage {
        while !self.open.is_empty() {
            self.end_table();
        }
        self.end_line();
        self.page.title = squeezed(&self.page.title);
        self.page
    }
}

impl HtmlTable {
    /// Adds a row; its cells are repeated over the columns that they span, and those of the row before
    /// that go on into it are put in. `copies` counts those that were made.
    fn add_row(&mut self, row: Vec<HtmlCell>, copies: &mut usize) {
        let above = self.rows.last();
        let mut grid: Vec<HtmlCell> = Vec::with_capacity(row.len());
        let mut may_copy = |grid: &[HtmlCell]| {
            *copies += 1;
            *copies <= MOST_CELLS && grid.len() < WIDEST
        };
        let continued = |column: usize| {
            let cell = above?.get(column).filter(|cell| cell.rows > 1)?;
            Some(HtmlCell { rows: cell.rows - 1, is_continued: true, ..cell.copy() })
        };
        for cell in row {
            while let Some(above) = continued(grid.len()) {
                if !may_copy(&grid) {
                    break;
                }
                grid.push(above);
            }
            let copy = cell.copy();
            let columns = cell.columns;
            grid.push(cell);
            for _ in 1..columns {
                if !may_copy(&grid) {
                    break;
                }
                grid.push(copy.clone());
            }
        }
        while let Some(above) = continued(grid.len()) {
            if !may_copy(&grid) {
                break;
            }
            grid.push(above);
        }
        self.rows.push(grid);
    }
}

impl HtmlCell {
    /// Whether it goes on into the next row.
    pub(in crate::modem) const fn goes_on(&self) -> bool {
        self.rows > 1
    }

    /// The cell in another column or row that it spans; a long text is not repeated.
    fn copy(&self) -> Self {
        let text = if self.text.len() <= 100 { self.text.clone() } else { String::new() };
        Self { text, ..*self }
    }
}

fn truncate(text: &mut String, length: usize) {
    if text.len() > length {
        text.truncate(text.floor_char_boundary(length));
    }
}

/// Elements that begin on a line of their own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "li"
            | "ul"
            | "ol"
            | "form"
            | "center"
            | "blockquote"
            | "body"
            | "head"
            | "html"
            | "hr"
            | "dl"
            | "dt"
            | "dd"
            | "fieldset"
            | "section"
            | "option"
            | "select"
            | "caption"
            | "pre"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(html: &str) -> Vec<Vec<String>> {
        let page = HtmlPage::read(html.as_bytes());
        let text = |row: &Vec<HtmlCell>| row.iter().map(|cell| cell.text.clone()).collect();
        page.tables.iter().flat_map(|table| table.rows.iter().map(text)).collect()
    }

    #[test]
    fn rows_are_found_where_tags_are_left_out() {
        let expected = [["a", "b"], ["1", "2"], ["3", "4"]];
        for html in [
            "<table><tr><td>a</td><td>b</td></tr><tr><td>1<td>2<tr><td>3<td>4</table>",
            // Closed but not opened, and no end of the table.
            "<table><tr><th>a<th>b</tr><td>1</td><td>2</td></tr><td>3</td><td>4&nbsp;</td></tr>",
            "<table><tbody><tr><td>a</td><td>b</td><tr><td>1</td><td> 2\n</td><tr><td>3</td><td>4</td></table>",
        ] {
            assert_eq!(rows(html), expected, "{html}");
        }
    }

    #[test]
    fn a_table_in_a_cell_is_a_table_of_its_own() {
        let html = "<table><tr><td>Power<table><tr><td>a note</td></tr></table></td><td>5</td></tr></table>";
        assert_eq!(
            rows(html),
            [vec!["Power".to_owned(), "5".to_owned()], vec!["a note".to_owned()]]
        );
    }

    #[test]
    fn spans_are_filled() {
        let html =
            "<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>1<td>2<td>3</table>";
        assert_eq!(rows(html), [["a", "b", "b"], ["a", "c", "d"], ["1", "2", "3"]]);
    }

    #[test]
    fn scripts_and_comments_are_not_shown() {
        let page = HtmlPage::read(
            b"<title> A\n b</title><script>var a = 'x\\/y'; var b=\"<td>2\"; // </table>\nvar c = 5;</script>\
              <p><b>Time:</b> now<br>later</p><!-- <p>gone --><table id=t><tr><td>k</td><td>v\xa9</td></table>",
        );
        assert_eq!(page.title, "A b");
        assert_eq!(page.lines, ["Time: now", "later", "k\tv\u{fffd}\t"]);
        assert_eq!(page.tables[0].before, "later");
        assert_eq!(page.tables[0].id, "t");
        let variables = page.variables();
        assert_eq!(variables, [("a", "x/y".to_owned()), ("b", "<td>2".to_owned())]);
    }
}
