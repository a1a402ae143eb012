//! Postal addresses: whether a letter can be addressed.

use crate::register::Party;

/// Whether there is all that a letter needs: name, street, postal code and city. The country may be missing: Finland.
pub fn is_complete(party: &Party) -> bool {
    let needed = [Some(&party.name), party.street.as_ref(), party.postal_code.as_ref(), party.city.as_ref()];
    needed.into_iter().all(|part| part.is_some_and(|text| !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::register::PartyKind;

    fn party() -> Party {
        Party {
            party_id: 1,
            kind: PartyKind::Person,
            name: "Meikäläinen Matti".to_owned(),
            first_name: None,
            last_name: None,
            business_id: None,
            language: None,
            email: None,
            email_marketing: false,
            phone: None,
            phone_marketing: false,
            street: Some("Katu 1 A 2".to_owned()),
            postal_code: Some("00100".to_owned()),
            city: Some("Helsinki".to_owned()),
            country: None,
            address_protected: false,
            deceased: false,
            archived: false,
            attributes: Map::new(),
        }
    }

    #[test]
    fn a_letter_needs_name_street_postal_code_and_city_but_no_country() {
        assert!(is_complete(&party()));
        assert!(!is_complete(&Party { name: String::new(), ..party() }));
        assert!(!is_complete(&Party { street: None, ..party() }));
        assert!(!is_complete(&Party { postal_code: None, ..party() }));
        assert!(!is_complete(&Party { city: None, ..party() }));
        assert!(!is_complete(&Party { city: Some(" ".to_owned()), ..party() }));
    }
}
