//! A party as the API shows it.

use domain::register::Party;
use domain::service_language::{LanguageReason, LanguageSource, ServiceLanguage};
use persistence::parties::StoredParty;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::routes::register::visibility::Visibility;

/// A person or a company in the register. Of a protected party, phone, postal address and attributes are null for callers without
/// the scope `parties:protected`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Party)]
pub struct PartyResponse {
    /// The ERP's id.
    #[schema(example = 1042)]
    party_id: i64,
    /// `person` or `company`. New values may appear.
    #[schema(example = "person")]
    kind: String,
    /// The name as the ERP gives it; lists are sorted by it.
    #[schema(example = "Virtanen Matti")]
    name: String,
    /// A person's first name.
    #[schema(required = true, example = "Matti")]
    first_name: Option<String>,
    /// A person's last name.
    #[schema(required = true, example = "Virtanen")]
    last_name: Option<String>,
    /// Finnish Y-tunnus or another business id.
    #[schema(required = true, example = json!(null))]
    business_id: Option<String>,
    /// The service language the party itself has chosen (BCP 47). Null means that its contracts or the deployment's default
    /// decide.
    #[schema(required = true, example = "fi")]
    language: Option<String>,
    /// The language the party is served in, and why.
    #[schema(required = true)]
    service_language: Option<PartyServiceLanguage>,
    /// The e-mail address as given, valid or not.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    email: Option<String>,
    /// Whether mail can go to the e-mail address: `missing`, `invalid` or `valid`. New values may appear.
    #[schema(example = "valid")]
    email_state: String,
    /// Whether the e-mail address may be used for marketing.
    #[schema(example = false)]
    email_marketing: bool,
    /// The phone number as given, valid or not.
    #[schema(required = true, example = "+358 40 1234567")]
    phone: Option<String>,
    /// What the phone number is good for: `missing`, `invalid`, `not_mobile` or `mobile`; null where the number is hidden.
    /// New values may appear.
    #[schema(required = true, example = "mobile")]
    phone_state: Option<String>,
    /// Whether the phone number may be used for marketing.
    #[schema(example = false)]
    phone_marketing: bool,
    /// Street address.
    #[schema(required = true, example = "Mannerheimintie 1 A 2")]
    street: Option<String>,
    /// Postal code.
    #[schema(required = true, example = "00100")]
    postal_code: Option<String>,
    /// City.
    #[schema(required = true, example = "Helsinki")]
    city: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[schema(required = true, example = "FI")]
    country: Option<String>,
    /// Whether the party is under address protection (turvakielto).
    #[schema(example = false)]
    address_protected: bool,
    /// Whether the party has died.
    #[schema(example = false)]
    deceased: bool,
    /// Whether the party is no longer in use.
    #[schema(example = false)]
    archived: bool,
    /// The customer's own fields, by name; null where they are hidden.
    #[schema(required = true, value_type = Option<Object>, example = json!({"customer_class": "A"}))]
    attributes: Option<Map<String, Value>>,
}

impl PartyResponse {
    /// The party as this caller sees it.
    pub(super) fn of(stored: StoredParty, visibility: Visibility) -> Self {
        let StoredParty { party, email_state, phone_state, sort_key: _, row_hash: _ } = stored;
        let Party {
            party_id,
            kind,
            name,
            first_name,
            last_name,
            business_id,
            language,
            email,
            email_marketing,
            phone,
            phone_marketing,
            street,
            postal_code,
            city,
            country,
            address_protected,
            deceased,
            archived,
            attributes,
        } = party;
        let whole = Self {
            party_id,
            kind: kind.as_str().to_owned(),
            name,
            first_name,
            last_name,
            business_id,
            language,
            service_language: None,
            email,
            email_state: email_state.as_str().to_owned(),
            email_marketing,
            phone,
            phone_state: Some(phone_state.as_str().to_owned()),
            phone_marketing,
            street,
            postal_code,
            city,
            country,
            address_protected,
            deceased,
            archived,
            attributes: Some(attributes),
        };
        if visibility == Visibility::Redacted { whole.redacted() } else { whole }
    }

    /// The same, with the language the party is served in.
    pub(super) fn served(self, reason: LanguageReason) -> Self {
        Self { service_language: Some(reason.into()), ..self }
    }

    /// Without phone and address, and without the customer's own fields, which may hold either.
    fn redacted(self) -> Self {
        Self {
            phone: None,
            phone_state: None,
            street: None,
            postal_code: None,
            city: None,
            country: None,
            attributes: None,
            ..self
        }
    }
}

/// The language a party is served in, and why: its own setting, else that of its newest contract, else the deployment's default.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PartyServiceLanguage {
    /// The language (BCP 47).
    #[schema(example = "sv")]
    language: String,
    /// Where it comes from: `party` (its own setting), `contract`, or `assumed` (the deployment's default).
    #[schema(example = "contract")]
    source: String,
    /// Whether no language is known of the party.
    assumed: bool,
    /// The contract that gives it.
    #[schema(required = true, example = 5012)]
    contract_id: Option<i64>,
    /// Which of its contracts that is: `current` (valid today, with the latest start), else `next` (the next to start), else
    /// `ended` (the newest ended).
    #[schema(required = true, example = "current")]
    contract_choice: Option<String>,
}

impl From<LanguageReason> for PartyServiceLanguage {
    fn from(reason: LanguageReason) -> Self {
        let LanguageReason { served: ServiceLanguage { language, source }, contract } = reason;
        Self {
            language,
            source: source.as_str().to_owned(),
            assumed: source == LanguageSource::Assumed,
            contract_id: contract.map(|(id, _)| id),
            contract_choice: contract.map(|(_, choice)| choice.as_str().to_owned()),
        }
    }
}

/// A page of parties.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartyPage {
    /// The parties, in Finnish order of their names.
    pub(super) items: Vec<PartyResponse>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use domain::eligibility::{AddressState, PhoneState};
    use domain::register::PartyKind;
    use domain::service_language::explained;

    use super::*;

    fn matti() -> StoredParty {
        let some = |text: &str| Some(text.to_owned());
        let party = Party {
            party_id: 1042,
            kind: PartyKind::Person,
            name: "Virtanen Matti".to_owned(),
            first_name: some("Matti"),
            last_name: some("Virtanen"),
            business_id: some("1234567-8"),
            language: some("fi"),
            email: some("matti@example.fi"),
            email_marketing: true,
            phone: some("040 1234567"),
            phone_marketing: true,
            street: some("Kätkökuja 13 B 7"),
            postal_code: some("33720"),
            city: some("Tampere"),
            country: some("FI"),
            address_protected: true,
            deceased: false,
            archived: false,
            attributes: Map::from_iter([("asunto".to_owned(), Value::from("B 7"))]),
        };
        StoredParty {
            party,
            email_state: AddressState::Valid,
            phone_state: PhoneState::Mobile,
            sort_key: Vec::new(),
            row_hash: Vec::new(),
        }
    }

    #[test]
    fn a_redacted_party_keeps_name_and_email_and_loses_where_it_is() {
        let shown = serde_json::to_value(PartyResponse::of(matti(), Visibility::Redacted)).unwrap();
        assert_eq!((&shown["name"], &shown["email"]), (&"Virtanen Matti".into(), &"matti@example.fi".into()));
        assert_eq!((&shown["email_state"], &shown["address_protected"]), (&"valid".into(), &true.into()));
        for hidden in ["phone", "phone_state", "street", "postal_code", "city", "country", "attributes"] {
            assert!(shown[hidden].is_null(), "{hidden}: {shown}");
        }
        for secret in ["1234567\"", "Kätkökuja", "33720", "Tampere", "B 7"] {
            assert!(!shown.to_string().contains(secret), "{secret}: {shown}");
        }
    }

    #[test]
    fn others_see_all_of_it() {
        for visibility in [Visibility::Open, Visibility::Disclosed] {
            let reason = explained(Some("fi"), &[], chrono::NaiveDate::default(), "en");
            let shown = serde_json::to_value(PartyResponse::of(matti(), visibility).served(reason)).unwrap();
            assert!(shown.as_object().unwrap().values().all(|value| !value.is_null()), "{shown}");
            assert_eq!((&shown["street"], &shown["phone_state"]), (&"Kätkökuja 13 B 7".into(), &"mobile".into()));
        }
    }
}
