//! The keys of the status page as files.

use super::{TableOfKeys, Takes, without_default};

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "publish",
    documentation: "The status page as files: index.html, status.json and feed.atom, written anew at \
                    least every minute. Any web server can serve the directory, or rsync copy it to \
                    one (rsync -a --delay-updates DIR/ HOST:DIR/). Addresses, account and ticket \
                    numbers and names of hosts are left out.",
    keys: &[
        without_default(
            "dir",
            Takes::Path(|c| &mut c.publish.dir),
            "\"/var/www/status\"",
            "The directory; it has to be there, and the user that linkmon runs as has to be allowed \
             to write to it. The service also needs ReadWritePaths=/var/www/status (systemctl edit \
             linkmon). Without it no files are written; the page is at /status all the same.",
        ),
        without_default(
            "site",
            Takes::Line(|c| &mut c.publish.site),
            "\"Home office\"",
            "The name that the status page shows to everybody. Without it none is shown, not even \
             that of [site].",
        ),
        without_default(
            "url",
            Takes::WebAddress(|c| &mut c.publish.url),
            "\"https://status.example.org/\"",
            "Where the directory is found by browsers, for the links of the feed.",
        ),
    ],
};
