//! The country of a time zone, as far as a yardstick is of that country.

/// Zones of Canada under `America/`.
const CANADA: [&str; 27] = [
    "Atikokan",
    "Blanc-Sablon",
    "Cambridge_Bay",
    "Creston",
    "Dawson",
    "Dawson_Creek",
    "Edmonton",
    "Fort_Nelson",
    "Glace_Bay",
    "Goose_Bay",
    "Halifax",
    "Inuvik",
    "Iqaluit",
    "Moncton",
    "Montreal",
    "Nipigon",
    "Pangnirtung",
    "Rainy_River",
    "Rankin_Inlet",
    "Regina",
    "Resolute",
    "St_Johns",
    "Swift_Current",
    "Thunder_Bay",
    "Toronto",
    "Vancouver",
    "Winnipeg",
];

/// Zones of the United States under `America/`.
const STATES: [&str; 15] = [
    "Adak",
    "Anchorage",
    "Boise",
    "Chicago",
    "Denver",
    "Detroit",
    "Juneau",
    "Los_Angeles",
    "Menominee",
    "Metlakatla",
    "New_York",
    "Nome",
    "Phoenix",
    "Sitka",
    "Yakutat",
];

/// The country of a zone (IANA) by its ISO 3166 code; `None` where no yardstick is of it.
pub fn country_of_zone(zone: &str) -> Option<&'static str> {
    match zone.split_once('/') {
        Some(("Australia", _)) => Some("AU"),
        Some(("Canada", _) | ("America", "Whitehorse" | "Yellowknife")) => Some("CA"),
        Some(("US", _) | ("Pacific", "Honolulu")) => Some("US"),
        Some(("Europe", "London" | "Belfast")) => Some("GB"),
        Some(("Europe", "Berlin" | "Busingen")) => Some("DE"),
        Some(("America", city)) if CANADA.contains(&city) => Some("CA"),
        Some(("America", city)) => {
            let is_state = |name: &str| matches!(name, "Indiana" | "Kentucky" | "North_Dakota");
            let of_state = city.split_once('/').is_some_and(|(state, _)| is_state(state));
            (of_state || STATES.contains(&city)).then_some("US")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_of_its_country() {
        for (zone, country) in [
            ("America/Toronto", Some("CA")),
            ("America/Whitehorse", Some("CA")),
            ("America/Indiana/Knox", Some("US")),
            ("America/Los_Angeles", Some("US")),
            ("America/Bogota", None),
            ("Australia/Sydney", Some("AU")),
            ("Europe/Berlin", Some("DE")),
            ("Europe/London", Some("GB")),
            ("Europe/Vienna", None),
            ("UTC", None),
        ] {
            assert_eq!(country_of_zone(zone), country, "{zone}");
        }
    }
}
