//! What anyone may ask: the public record.

use super::{
    App,
    error::{Error, Result},
    page::{Page, Place},
};
use crate::domain::{change::PublicCopy, ids::PublicationId};

impl App {
    /// Published copies, newest first, and the token of the next page.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn search_publications(&self, text: &str, field: &str, page: &Page) -> Result<(Vec<PublicCopy>, String)> {
        let fields = (!field.is_empty()).then(|| self.store.reference().field_subtree(field));
        let before = page.after.map(|place| (place.at, PublicationId(place.id)));
        let mut found = self.store.search_publications(text, fields, before, page.limit()).await?;
        let next = page.cut(&mut found, |copy| Place { at: copy.published_at, id: copy.id.0, seq: 0 });
        Ok((found, next))
    }

    /// One published copy.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn publication(&self, id: PublicationId) -> Result<PublicCopy> {
        self.store.publication(id).await?.ok_or(Error::Absent("publication"))
    }
}
