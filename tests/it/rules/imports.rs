//! Who imports whom, read from the sources: every path that begins with `crate`, `super` or `self`,
//! in a `use` or elsewhere, resolved through re-exports to the file that defines what it names.
//! Unit tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A module as its path below `src`: `["detect", "place"]`.
type Module = Vec<String>;

/// One source file, parsed.
struct Parsed {
    module: Module,
    /// Absolute paths that it names.
    named: BTreeSet<Vec<String>>,
    /// Names that it hands on from elsewhere: name to absolute path.
    re_exports: BTreeMap<String, Vec<String>>,
    /// Types that it defines.
    types: BTreeSet<String>,
}

/// The sources as a graph of files.
pub(super) struct Imports {
    files: BTreeMap<String, Parsed>,
    by_module: BTreeMap<Module, String>,
}

impl Imports {
    /// Parses sources: path below `src`, text.
    pub(super) fn read<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut files = BTreeMap::new();
        let mut by_module = BTreeMap::new();
        for (file, text) in sources {
            let parsed = parse(file, text);
            by_module.insert(parsed.module.clone(), file.to_owned());
            files.insert(file.to_owned(), parsed);
        }
        Self { files, by_module }
    }

    /// Every arrow from a file to another, with one name that it takes from there.
    pub(super) fn arrows(&self) -> BTreeMap<(&str, &str), String> {
        let mut arrows = BTreeMap::new();
        for (file, parsed) in &self.files {
            for path in &parsed.named {
                if let Some(to) = self.definer(path, 0).filter(|to| to != file) {
                    arrows.entry((file.as_str(), to)).or_insert_with(|| path.join("::"));
                }
            }
        }
        arrows
    }

    /// The file that defines what an absolute path names; `None` where it leads out of the sources.
    fn definer(&self, path: &[String], depth: usize) -> Option<&str> {
        // A glob of a glob of a module that does not exist would lead in a ring.
        if depth > 8 {
            return None;
        }
        let known = (0..=path.len()).rev().find(|n| self.by_module.contains_key(&path[..*n]))?;
        let file = self.by_module[&path[..known]].as_str();
        let Some(name) = path.get(known) else { return Some(file) };
        let Some(handed_on) = self.files[file].re_exports.get(name) else { return Some(file) };
        let mut onwards = handed_on.clone();
        onwards.extend_from_slice(&path[known + 1..]);
        self.definer(&onwards, depth + 1).or(Some(file))
    }

    /// Sets of files that import one another in a ring, each sorted.
    pub(super) fn circles(&self) -> Vec<Vec<&str>> {
        let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in self.arrows().into_keys() {
            next.entry(from).or_default().insert(to);
        }
        let reachable = |from: &str| {
            let mut seen = BTreeSet::new();
            let mut waiting = vec![from];
            while let Some(file) = waiting.pop() {
                for to in next.get(file).into_iter().flatten().copied() {
                    if seen.insert(to) {
                        waiting.push(to);
                    }
                }
            }
            seen
        };
        let all: BTreeMap<&str, BTreeSet<&str>> =
            self.files.keys().map(|file| (file.as_str(), reachable(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, reached) in &all {
            if reached.contains(file) {
                circles.insert(reached.iter().copied().filter(|o| all[o].contains(file)).collect());
            }
        }
        circles.into_iter().collect()
    }

    /// Names of types with the files that define one of that name.
    pub(super) fn types(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut types: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (file, parsed) in &self.files {
            for name in &parsed.types {
                types.entry(name).or_default().push(file);
            }
        }
        types
    }
}

fn parse(file: &str, text: &str) -> Parsed {
    let syntax = syn::parse_file(text).unwrap_or_else(|problem| panic!("src/{file}: {problem}"));
    let module = module_of(file);
    let mut reader = PathReader {
        at: module.clone(),
        parsed: Parsed {
            module,
            named: BTreeSet::new(),
            re_exports: BTreeMap::new(),
            types: BTreeSet::new(),
        },
    };
    reader.visit_file(&syntax);
    reader.parsed
}

fn module_of(file: &str) -> Module {
    let stem = file.strip_suffix(".rs").expect("sources end in .rs");
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    match stem {
        "lib" => Module::new(),
        other => other.split('/').map(str::to_owned).collect(),
    }
}

struct PathReader {
    /// The module that is being read: that of the file, or one written in it.
    at: Module,
    parsed: Parsed,
}

impl PathReader {
    /// The absolute form of a path, without its `crate`; `None` for one that leads elsewhere.
    fn absolute(&self, segments: &[String]) -> Option<Vec<String>> {
        let (mut base, mut rest) = match segments.first()?.as_str() {
            "crate" => (Module::new(), &segments[1..]),
            "self" => (self.at.clone(), &segments[1..]),
            "super" => (self.at.clone(), segments),
            _ => return None,
        };
        while rest.first().is_some_and(|s| s == "super") {
            base.pop();
            rest = &rest[1..];
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    fn note(&mut self, segments: &[String]) {
        if let Some(path) = self.absolute(segments).filter(|path| !path.is_empty()) {
            self.parsed.named.insert(path);
        }
    }

    fn read_use(&mut self, prefix: &mut Vec<String>, tree: &UseTree, handed_on: HandedOn) {
        let (name, known_as) = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.read_use(prefix, &path.tree, handed_on);
                prefix.pop();
                return;
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_use(prefix, tree, handed_on);
                }
                return;
            }
            UseTree::Glob(_) => return self.note(prefix),
            UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
            UseTree::Rename(rename) => (rename.ident.to_string(), rename.rename.to_string()),
        };
        let mut path = prefix.clone();
        if name != "self" {
            path.push(name);
        }
        // `pub use child::Name` in a parent: the child is a module of this one.
        let relative = [vec!["self".to_owned()], path.clone()].concat();
        let absolute = self.absolute(&path).or_else(|| self.absolute(&relative));
        match (handed_on, absolute) {
            (HandedOn::Yes, Some(absolute)) => {
                self.parsed.re_exports.insert(known_as, absolute);
            }
            _ => self.note(&path),
        }
    }

    /// Paths among the tokens of a macro, which are not parsed.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if path.is_empty() || colons == 2 => {
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.read_tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    self.note(&std::mem::replace(&mut path, vec![ident.to_string()]));
                    colons = 0;
                    continue;
                }
                _ => {}
            }
            self.note(&std::mem::take(&mut path));
            colons = 0;
        }
        self.note(&path);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HandedOn {
    Yes,
    No,
}

impl<'ast> Visit<'ast> for PathReader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, defined) = match item {
            Item::Struct(i) => (&i.attrs, Some(&i.ident)),
            Item::Enum(i) => (&i.attrs, Some(&i.ident)),
            Item::Union(i) => (&i.attrs, Some(&i.ident)),
            Item::Trait(i) => (&i.attrs, Some(&i.ident)),
            Item::Type(i) => (&i.attrs, Some(&i.ident)),
            Item::Mod(i) => (&i.attrs, None),
            Item::Use(i) => (&i.attrs, None),
            Item::Fn(i) => (&i.attrs, None),
            Item::Impl(i) => (&i.attrs, None),
            Item::Const(i) => (&i.attrs, None),
            Item::Macro(i) => {
                // `word_enum! { pub enum Kind ... }` defines the type that it names.
                self.parsed.types.extend(defined_in(i.mac.tokens.clone()));
                return visit::visit_item(self, item);
            }
            _ => return visit::visit_item(self, item),
        };
        if attributes.iter().any(is_for_tests) {
            return;
        }
        self.parsed.types.extend(defined.map(ToString::to_string));
        match item {
            Item::Mod(module) => {
                self.at.push(module.ident.to_string());
                visit::visit_item(self, item);
                self.at.pop();
            }
            Item::Use(taken) => {
                let private = matches!(taken.vis, syn::Visibility::Inherited);
                let handed_on = if private { HandedOn::No } else { HandedOn::Yes };
                self.read_use(&mut Vec::new(), &taken.tree, handed_on);
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Fn(f) => &f.attrs,
            syn::ImplItem::Const(c) => &c.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_impl_item(self, item);
        }
    }

    /// `pub(super)` takes nothing from there.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.note(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.read_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // `#[serde(with = "crate::time::duration")]` names a module in a string.
        for token in attribute.meta.to_token_stream() {
            if let TokenTree::Group(group) = token {
                for token in group.stream() {
                    let text = token.to_string();
                    if let Some(path) = text.strip_prefix("\"crate::") {
                        let path = path.trim_end_matches('"').split("::").map(str::to_owned);
                        self.note(
                            &std::iter::once("crate".to_owned()).chain(path).collect::<Vec<_>>(),
                        );
                    }
                }
            }
        }
    }
}

/// Names after `enum` and `struct` among the tokens of a macro.
fn defined_in(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<_> = tokens.into_iter().map(|token| token.to_string()).collect();
    let pairs = tokens.windows(2).filter(|pair| matches!(pair[0].as_str(), "enum" | "struct"));
    pairs.filter(|pair| pair[1] != "$").map(|pair| pair[1].clone()).collect()
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.to_token_stream().to_string().contains("test")
}
