//! Words of the API that stand for channels and purposes.

use domain::eligibility::{Channel, Purpose};
use domain::invalid::FieldError;

/// Reads a channel that must be enabled.
///
/// # Errors
/// `unknown_value`, or `channel_not_enabled`.
pub fn enabled_channel(pointer: &str, word: &str) -> Result<Channel, FieldError> {
    let channel = channel(pointer, word)?;
    if channel.is_enabled() {
        return Ok(channel);
    }
    let message = format!("The channel {word} is not enabled in this deployment; GET /api/v1/me lists those that are.");
    Err(FieldError::new(pointer, "channel_not_enabled", message))
}

/// Reads a channel, enabled or not.
///
/// # Errors
/// `unknown_value`.
pub fn channel(pointer: &str, word: &str) -> Result<Channel, FieldError> {
    Channel::parse(word).ok_or_else(|| {
        let known = Channel::ALL.map(Channel::as_str).join(", ");
        FieldError::new(pointer, "unknown_value", format!("A channel is one of {known}."))
    })
}

/// Reads a purpose.
///
/// # Errors
/// `unknown_value`.
pub fn purpose(pointer: &str, word: &str) -> Result<Purpose, FieldError> {
    Purpose::parse(word).ok_or_else(|| {
        let known = Purpose::ALL.map(Purpose::as_str).join(", ");
        FieldError::new(pointer, "unknown_value", format!("A purpose is one of {known}."))
    })
}
