//! The channels of Postitus and the dispatcher that feeds them: [`email`] hands a message over, [`message`] makes it of a
//! frozen row, [`files`] keeps what goes with it, [`dispatcher`] decides which is next and journals what became of it.

pub mod dispatcher;
pub mod email;
pub mod files;
pub mod message;
