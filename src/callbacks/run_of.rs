//! [`RunOf`]: which run a document belongs to.

use crate::document::Document;
use crate::value::Text;

/// Knows which run a document belongs to, from the documents before it.
#[derive(Clone, Debug, Default)]
pub(super) struct RunOf {
    /// Uids of descriptors and resources, each with the uid of its run.
    known: Vec<(Text, Text)>,
    /// The uids of the runs that have not ended, in the order in which they began.
    open: Vec<Text>,
}

impl RunOf {
    /// The uid of the run that a document belongs to. One that refers to what has not been seen, or to a resource of a run
    /// that has ended, belongs to the run that began last; to none, where no run is open.
    pub(super) fn run_of(&mut self, document: &Document) -> Option<Text> {
        let refers_to = match document {
            Document::Start(start) => {
                self.open.push(start.uid.clone());
                return Some(start.uid.clone());
            }
            Document::Stop(stop) => {
                self.open.retain(|run| *run != stop.run_start);
                self.known.retain(|(_, run)| *run != stop.run_start);
                return Some(stop.run_start.clone());
            }
            Document::Descriptor(descriptor) => return Some(self.learn(&descriptor.uid, &descriptor.run_start)),
            Document::Resource(resource) => return Some(self.learn(&resource.resource.uid, &resource.run_start)),
            Document::StreamResource(resource) => {
                return Some(self.learn(&resource.resource.uid, &resource.run_start));
            }
            Document::Event(event) => &event.descriptor,
            Document::EventPage(page) => &page.descriptor,
            Document::Datum(datum) => &datum.resource,
            Document::StreamDatum(datum) => &datum.descriptor,
        };
        let known = self.known.iter().rev().find(|(uid, _)| uid == refers_to).map(|(_, run)| run);
        known.or(self.open.last()).cloned()
    }

    fn learn(&mut self, uid: &Text, run: &Text) -> Text {
        self.known.push((uid.clone(), run.clone()));
        run.clone()
    }
}
