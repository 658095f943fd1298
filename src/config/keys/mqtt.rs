//! The keys of the MQTT broker.

use super::{TableOfKeys, Takes, key, without_default};

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "mqtt",
    documentation: "Home Assistant finds linkmon by itself through its MQTT broker: state of the link, \
                    place of a fault, drops today, delay, loss and the modem's levels. While the line \
                    is down they say so; \"unavailable\" is for a linkmon that does not run.",
    keys: &[
        without_default(
            "server",
            Takes::Host(|c| &mut c.mqtt.server),
            "\"homeassistant.lan\"",
            "The broker, with a port unless that is 1883 (8883 with TLS). Without it none is told.",
        ),
        key("tls", Takes::Switch(|c| &mut c.mqtt.tls), "Whether it is reached over TLS."),
        without_default(
            "user",
            Takes::Line(|c| &mut c.mqtt.user),
            "\"linkmon\"",
            "The user to connect as, where the broker asks for one.",
        ),
        without_default(
            "password-file",
            Takes::Path(|c| &mut c.mqtt.password_file),
            "\"/etc/linkmon/mqtt-password\"",
            "A file whose first line is the password. The password itself is never in this file.",
        ),
        without_default(
            "password-env",
            Takes::Variable(|c| &mut c.mqtt.password_env),
            "\"LINKMON_MQTT_PASSWORD\"",
            "The environment variable that holds the password, where there is no password-file.",
        ),
        key(
            "discovery",
            Takes::TopicLevel(|c| &mut c.mqtt.discovery),
            "First level of the topics at which Home Assistant looks for devices.",
        ),
        key(
            "topic",
            Takes::TopicLevel(|c| &mut c.mqtt.topic),
            "First level of linkmon's own topics.",
        ),
    ],
};
