//! The keys of `[web]`.

use super::{TableOfKeys, Takes, key, without_default};

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "web",
    documentation: "The live page, and the metrics for Prometheus.",
    keys: &[
        key("enabled", Takes::Switch(|c| &mut c.web.enabled), "Whether to serve them."),
        key(
            "listen",
            Takes::SocketAddress(|c| &mut c.web.listen),
            "Where to listen; by default, on this computer only. On any other address the page \
             is only served with a token, which it then asks for.",
        ),
        without_default(
            "hosts",
            Takes::HostNames(|c| &mut c.web.hosts),
            "[\"linkmon.lan\"]",
            "Names by which browsers may call it, besides localhost and literal addresses.",
        ),
        without_default(
            "token",
            Takes::Secret(|c| &mut c.web.token),
            "\"a long random word\"",
            "What to log in with from another computer or through a proxy; programs send it \
             (Authorization: Bearer TOKEN). While it listens on loopback, users of this computer \
             need it only to write notes and to see the numbers of account and tickets; without \
             a token, each of them can write notes. A blank one is none.",
        ),
        without_default(
            "token-file",
            Takes::Path(|c| &mut c.web.token_file),
            "\"/etc/linkmon/web-token\"",
            "A file whose first line is the token, in place of `token`; it is read when linkmon starts.",
        ),
        key(
            "public-status",
            Takes::Switch(|c| &mut c.web.public_status),
            "Whether the status page (/status) and its feed are for everyone who reaches the \
             address, without the token. It shows the notes near incidents of the last 90 days, \
             earlier ones too; names of people and of computers in them are not recognized.",
        ),
    ],
};
