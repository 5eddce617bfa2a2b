//! Source code as a flat list of tokens: comments are gone, and code that only tests run can be left out.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::repository;

/// A source file.
pub(crate) struct Source {
    /// Where it is, counted from the root of the repository.
    pub(crate) path: String,
    /// Its tokens, in order.
    pub(crate) tokens: Vec<Token>,
}

/// The smallest piece of code that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// As written; a delimiter is its character, `::` is one token.
    pub(crate) text: String,
    /// Whether it is text or a number, rather than a name or a sign.
    pub(crate) literal: bool,
    /// The line that it stands on.
    pub(crate) line: usize,
}

impl Source {
    /// The file as the program has it: without doc comments, and without what only tests compile.
    pub(crate) fn shipped(path: &str) -> Source {
        Source::parse(path, &repository::read(path), false)
    }

    /// The whole file, tests included.
    pub(crate) fn whole(path: &str) -> Source {
        Source::parse(path, &repository::read(path), true)
    }

    /// Takes text for a file.
    pub(crate) fn parse(path: &str, text: &str, tests: bool) -> Source {
        let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut tokens = Vec::new();
        flatten(stream, tests, &mut tokens);
        Source {
            path: path.to_owned(),
            tokens,
        }
    }

    /// Where a token is, for a message.
    pub(crate) fn at(&self, token: &Token) -> String {
        format!("{}:{}", self.path, token.line)
    }

    /// The places at which these tokens follow each other.
    pub(crate) fn find(&self, pattern: &[&str]) -> Vec<&Token> {
        let windows = self.tokens.windows(pattern.len());
        let fits = windows.filter(|tokens| {
            tokens
                .iter()
                .zip(pattern)
                .all(|(token, text)| !token.literal && token.text == *text)
        });
        fits.map(|tokens| &tokens[0]).collect()
    }

    /// The text of each string in the code, with its token.
    pub(crate) fn strings(&self) -> impl Iterator<Item = &Token> {
        self.tokens
            .iter()
            .filter(|token| token.literal && token.text.contains('"'))
    }
}

/// The source files that the program is made of: those of `src/` but for the files of tests.
pub(crate) fn shipped() -> Vec<Source> {
    let files = repository::files("src", &[".rs"]);
    files
        .iter()
        .filter(|path| !path.ends_with("/tests.rs") && !path.contains("/tests/"))
        .map(|path| Source::shipped(path))
        .collect()
}

fn flatten(stream: TokenStream, tests: bool, out: &mut Vec<Token>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        let (length, attribute) = attribute(&trees[at..]);
        if attribute.starts_with("doc=") {
            at += length;
        } else if !tests && (attribute == "cfg(test)" || attribute.starts_with("cfg(all(test,")) {
            at += length + item(&trees[at + length..]);
        } else {
            push(&trees[at], tests, out);
            at += 1;
        }
    }
}

/// How many trees an attribute takes here, and what it says, without spaces.
fn attribute(trees: &[TokenTree]) -> (usize, String) {
    let is =
        |at: usize, sign| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    let inner = usize::from(is(1, '!'));
    match trees.get(1 + inner) {
        Some(TokenTree::Group(group)) if is(0, '#') && group.delimiter() == Delimiter::Bracket => (
            2 + inner,
            group.stream().to_string().replace(char::is_whitespace, ""),
        ),
        _ => (0, String::new()),
    }
}

/// How many trees an item takes: all up to its block or its semicolon.
fn item(trees: &[TokenTree]) -> usize {
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    };
    trees.iter().position(ends).map_or(trees.len(), |last| last + 1)
}

fn push(tree: &TokenTree, tests: bool, out: &mut Vec<Token>) {
    let line = tree.span().start().line;
    let token = |text: String, literal| Token { text, literal, line };
    match tree {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::None => ("", ""),
            };
            out.push(token(open.to_owned(), false));
            flatten(group.stream(), tests, out);
            out.push(Token {
                text: close.to_owned(),
                literal: false,
                line: group.span_close().start().line,
            });
        }
        TokenTree::Ident(name) => out.push(token(name.to_string(), false)),
        TokenTree::Literal(literal) => out.push(token(literal.to_string(), true)),
        TokenTree::Punct(sign) if sign.as_char() == ':' => match out.last_mut() {
            // The second half of `::`.
            Some(last) if last.text == ":" && !last.literal => last.text.push(':'),
            _ => out.push(token(":".to_owned(), false)),
        },
        TokenTree::Punct(sign) => out.push(token(sign.as_char().to_string(), false)),
    }
}

#[test]
fn comments_docs_and_tests_are_left_out() {
    let text = "//! std::env\n/// tokio\nfn f() { g(\"async\") } // await\n#[cfg(test)]\nmod tests { use tokio::x; }\nfn h() {}\n#[cfg(all(test, unix))]\n#[allow(x)]\nmod more;";
    let told = |tests| {
        let tokens = Source::parse("x", text, tests).tokens;
        tokens
            .into_iter()
            .map(|token| token.text)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(told(false), "fn f ( ) { g ( \"async\" ) } fn h ( ) { }");
    assert!(
        told(true).contains("mod tests { use tokio :: x ; }"),
        "{}",
        told(true)
    );
}
