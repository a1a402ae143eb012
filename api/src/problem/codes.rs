//! The one table of problem codes: what a client may branch on. A code keeps its status and meaning for ever.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident => $status:ident, $code:literal, $title:literal;)+) => {
        /// A stable reason why a request failed. What is wrong with single fields stands in the problem's `errors`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The snake_case word clients see.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status it is always sent with.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// One or two English sentences, in markdown, on when it is sent.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii_start(),)+ }
            }

            /// A short text that is the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    /// The request is not valid HTTP for this API.
    BadRequest => BAD_REQUEST, "bad_request", "The request cannot be understood";
    /// The body is not JSON.
    InvalidJson => BAD_REQUEST, "invalid_json", "The body is not valid JSON";
    /// A query parameter is unknown, repeated, or has a value of the wrong form.
    InvalidQuery => BAD_REQUEST, "invalid_query", "The query string is not valid";
    /// The cursor is not one that this list gave for the same filter.
    InvalidCursor => BAD_REQUEST, "invalid_cursor", "The cursor is not valid";
    /// A list needs `osapuoli_id` or `kohde_id`, exactly one of them.
    ExactlyOneTarget => BAD_REQUEST, "exactly_one_target", "Exactly one target is required";
    /// A request header has a value of the wrong form.
    InvalidHeader => BAD_REQUEST, "invalid_header", "A header is not valid";
    /// The operation needs an `Idempotency-Key`.
    IdempotencyKeyMissing => BAD_REQUEST, "idempotency_key_missing", "An Idempotency-Key is required";
    /// There is no bearer token.
    MissingToken => UNAUTHORIZED, "missing_token", "A bearer token is required";
    /// The token is malformed, wrongly signed, or not meant for this service.
    InvalidToken => UNAUTHORIZED, "invalid_token", "The token is not valid";
    /// The token's time is over.
    ExpiredToken => UNAUTHORIZED, "expired_token", "The token has expired";
    /// The token lacks the scope of the operation.
    MissingScope => FORBIDDEN, "missing_scope", "The token lacks a scope";
    /// There is no such resource, or none that the caller may know of.
    NotFound => NOT_FOUND, "not_found", "Not found";
    /// The path exists, but not with this method; `Allow` lists those it has.
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed";
    /// The body did not arrive in time.
    RequestTimeout => REQUEST_TIMEOUT, "request_timeout", "The request took too long";
    /// A request with the same Idempotency-Key is being worked on.
    RequestInFlight => CONFLICT, "request_in_flight", "The same request is being worked on";
    /// The mailing has been sent already: only a draft can be changed, deleted or sent.
    MailingNotDraft => CONFLICT, "mailing_not_draft", "The mailing is not a draft";
    /// The mailing is not paused: only a paused one can be resumed.
    MailingNotPaused => CONFLICT, "mailing_not_paused", "The mailing is not paused";
    /// A mailing, a message of a portal or a template names the attachment: it can't be deleted.
    AttachmentInUse => CONFLICT, "attachment_in_use", "The attachment is in use";
    /// The folder has another template of this name.
    TemplateNameTaken => CONFLICT, "template_name_taken", "The name is taken";
    /// The channel has another folder of this name.
    TemplateFolderNameTaken => CONFLICT, "template_folder_name_taken", "The name is taken";
    /// There are templates in the folder: it can't be deleted.
    TemplateFolderNotEmpty => CONFLICT, "template_folder_not_empty", "The folder is not empty";
    /// Another template is the default of this occasion, workflow and channel.
    OccasionDefaultTaken => CONFLICT, "occasion_default_taken", "The occasion has a default";
    /// The content is not the one that was approved.
    ContentChanged => CONFLICT, "content_changed", "The content has changed";
    /// The recipients are not the ones that were approved; `errors` tells who was added, removed or changed.
    RecipientsChanged => CONFLICT, "recipients_changed", "The recipients have changed";
    /// Properties below it, roles or contracts refer to the property.
    PropertyInUse => CONFLICT, "property_in_use", "The property is in use";
    /// Drafts, saved queries or contact lists name the saved query; `errors` tells which.
    RecipientQueryInUse => CONFLICT, "recipient_query_in_use", "The saved query is in use";
    /// Drafts or saved queries name the contact list; `errors` tells which.
    ContactListInUse => CONFLICT, "contact_list_in_use", "The contact list is in use";
    /// Whoever matches its saved query is on the contact list: nobody can be put on it or taken off.
    ContactListOfQuery => CONFLICT, "contact_list_of_query", "The contact list is that of a query";
    /// The saved query of the contact list cannot be used as it is now; `errors` tells why.
    ContactListUnusable => CONFLICT, "contact_list_unusable", "The contact list cannot be used";
    /// Roles refer to the contract.
    ContractInUse => CONFLICT, "contract_in_use", "The contract is in use";
    /// Rows of the register have values that are not of the attribute's type.
    AttributeMisfits => CONFLICT, "attribute_misfits", "Values are of another type";
    /// The register has as many declared attributes as it may.
    TooManyAttributes => CONFLICT, "too_many_attributes", "There are too many attributes";
    /// The message has been withdrawn: it cannot be changed any more.
    InternetviestiWithdrawn => CONFLICT, "internetviesti_withdrawn", "The message has been withdrawn";
    /// Tokens come from an issuer whose signing key this deployment does not have.
    TokensFromElsewhere => CONFLICT, "tokens_from_elsewhere", "Tokens are minted elsewhere";
    /// The resource has changed since the version named in `If-Match`.
    StaleVersion => PRECONDITION_FAILED, "stale_version", "The resource has changed";
    /// The body is larger than the limit.
    BodyTooLarge => PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large";
    /// The body is not of a content type that the operation reads.
    UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported content type";
    /// None of the bytes that `Range` asks for are there; `Content-Range` tells how many there are.
    RangeNotSatisfiable => RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "The range is not there";
    /// The JSON can be read, but fields are unknown, missing, of the wrong type, or without meaning.
    ValidationFailed => UNPROCESSABLE_ENTITY, "validation_failed", "The request is not valid";
    /// The JSON is nested too deep to be read.
    NestingTooDeep => UNPROCESSABLE_ENTITY, "nesting_too_deep", "The JSON is nested too deep";
    /// The Idempotency-Key was used before, with another body.
    IdempotencyKeyReused => UNPROCESSABLE_ENTITY, "idempotency_key_reused", "The Idempotency-Key was used with another body";
    /// The operation needs `If-Match`.
    IfMatchRequired => PRECONDITION_REQUIRED, "if_match_required", "If-Match is required";
    /// The caller makes more requests than allowed; `Retry-After` tells when to go on.
    RateLimited => TOO_MANY_REQUESTS, "rate_limited", "Too many requests";
    /// Something is wrong on our side; the log has the cause under the request id.
    Internal => INTERNAL_SERVER_ERROR, "internal", "Internal error";
    /// The service or its database cannot answer now.
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable";
}

impl Code {
    /// The code for an error that the HTTP framework made by itself.
    pub fn of_framework(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_errors() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            let word = code.as_str();
            assert!(seen.insert(word), "{word} twice");
            assert!(word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{word}");
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{word}");
            assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{word}");
        }
    }
}
