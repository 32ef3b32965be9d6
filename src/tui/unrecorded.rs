//! Says what the journal could not take, once for each reason. Stops nothing.

use crate::app::Event;
use crate::text::visible;
use crate::vault::Vault;

/// What was said last.
#[derive(Default)]
pub struct Unrecorded(Option<String>);

impl Unrecorded {
    /// What is to be said now: something was done and is not on the record.
    pub fn notice(&mut self, vault: Option<Vault>) -> Option<Event> {
        let why = vault?.take_unrecorded()?;
        if self.0.as_ref() == Some(&why) {
            return None;
        }
        let text = format!("Done, but {}", visible(&why));
        self.0 = Some(why);
        Some(Event::Notice(text, "'tresor doctor' says what is wrong with it".to_owned()))
    }
}
