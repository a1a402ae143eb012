//! The tables, in the types both databases share. Kept by hand, next to `migrations/`.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    party (party_id) {
        party_id -> BigInt,
        kind -> Text,
        name -> Text,
        sort_key -> Binary,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        business_id -> Nullable<Text>,
        language -> Nullable<Text>,
        email -> Nullable<Text>,
        email_address -> Nullable<Text>,
        email_state -> Text,
        email_marketing -> Bool,
        phone -> Nullable<Text>,
        phone_state -> Text,
        phone_marketing -> Bool,
        street -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        city -> Nullable<Text>,
        country -> Nullable<Text>,
        has_postal_address -> Bool,
        address_protected -> Bool,
        deceased -> Bool,
        archived -> Bool,
        attributes -> Text,
        row_hash -> Binary,
    }
}

table! {
    property (property_id) {
        property_id -> BigInt,
        parent_id -> Nullable<BigInt>,
        kind -> Text,
        code -> Nullable<Text>,
        name -> Text,
        street -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        city -> Nullable<Text>,
        country -> Nullable<Text>,
        attributes -> Text,
        sort_key -> Binary,
        row_hash -> Binary,
    }
}

table! {
    contract (contract_id) {
        contract_id -> BigInt,
        party_id -> BigInt,
        property_id -> BigInt,
        kind -> Text,
        language -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        points_enrolled -> Bool,
        points_enrolled_on -> Nullable<Date>,
        row_hash -> Binary,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Date, Nullable, Text};
    use crate::types::UuidT;

    role (role_id) {
        role_id -> UuidT,
        role_key -> Text,
        erp_role_id -> Nullable<Text>,
        party_id -> BigInt,
        property_id -> BigInt,
        #[sql_name = "role"]
        code -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        contract_id -> Nullable<BigInt>,
        row_hash -> Binary,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable};
    use crate::types::UuidT;

    due_item (item_id) {
        item_id -> UuidT,
        property_id -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::{Text, Timestamp};
    use crate::types::UuidT;

    audit_event (event_id) {
        event_id -> UuidT,
        at -> Timestamp,
        subject -> Text,
        action -> Text,
        details -> Text,
        request_id -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
    use crate::types::UuidT;

    mailing (mailing_id) {
        mailing_id -> UuidT,
        version -> BigInt,
        name -> Text,
        status -> Text,
        draft -> Text,
        content_hash -> Nullable<Text>,
        recipients_hash -> Nullable<Text>,
        created_at -> Timestamp,
        created_by -> Text,
        updated_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        sent_by -> Nullable<Text>,
        finished_at -> Nullable<Timestamp>,
        pause_reason -> Nullable<Text>,
        origin_kind -> Nullable<Text>,
        origin_ref -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::UuidT;

    mailing_preview (mailing_id) {
        mailing_id -> UuidT,
        recipients_hash -> Text,
        recipients -> Binary,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
    use crate::types::UuidT;

    delivery (delivery_id) {
        delivery_id -> UuidT,
        mailing_id -> UuidT,
        row_no -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        attempts -> BigInt,
        due_at -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        last_code -> Nullable<BigInt>,
        last_detail -> Nullable<Text>,
        message_id -> Nullable<UuidT>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::UuidT;

    mailing_row (mailing_id, row_no) {
        mailing_id -> UuidT,
        row_no -> BigInt,
        party_id -> Nullable<BigInt>,
        channel -> Text,
        address -> Nullable<Text>,
        language -> Text,
        version_no -> Nullable<BigInt>,
        merge_values -> Text,
        reason -> Nullable<Text>,
        shared -> Nullable<Text>,
        delivery_id -> Nullable<UuidT>,
        addressed_as -> Text,
        name -> Nullable<Text>,
        shown_in -> Nullable<UuidT>,
    }
}

table! {
    use diesel::sql_types::{Text, Timestamp};
    use crate::types::UuidT;

    last_message (subject, channel) {
        subject -> Text,
        channel -> Text,
        message -> Text,
        mailing_id -> UuidT,
        saved_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
    use crate::types::UuidT;

    contact (contact_id) {
        contact_id -> UuidT,
        thread_id -> UuidT,
        party_id -> BigInt,
        direction -> Text,
        channel -> Text,
        occurred_at -> Timestamp,
        mailing_id -> Nullable<UuidT>,
        row_no -> Nullable<BigInt>,
        delivery_id -> Nullable<UuidT>,
        internetviesti_id -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

    attachment_file (sha256) {
        sha256 -> Text,
        size -> BigInt,
        touched_at -> Timestamp,
        removing_since -> Nullable<Timestamp>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text, Timestamp};
    use crate::types::UuidT;

    attachment (attachment_id) {
        attachment_id -> UuidT,
        sha256 -> Text,
        file_name -> Text,
        content_type -> Text,
        size -> BigInt,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

table! {
    use crate::types::UuidT;

    mailing_attachment (mailing_id, attachment_id) {
        mailing_id -> UuidT,
        attachment_id -> UuidT,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text, Timestamp};

    idempotency_key (subject, operation, key) {
        subject -> Text,
        operation -> Text,
        #[sql_name = "idempotency_key"]
        key -> Text,
        fingerprint -> Text,
        status -> BigInt,
        headers -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

table! {
    internetviesti_property (property_id, internetviesti_id) {
        property_id -> BigInt,
        internetviesti_id -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(
    party,
    internetviesti_property,
    property,
    contract,
    role,
    due_item,
    mailing,
    mailing_row,
    delivery,
    contact
);
diesel::joinable!(mailing_attachment -> attachment (attachment_id));
allow_tables_to_appear_in_same_query!(attachment, mailing_attachment);
