//! What a page says of itself.

use scraper::Html;

use super::super::fields::Fields;
use super::parse::{Page, name};
use super::walk::{Step, walk};

/// Longest description kept, in characters.
const DESCRIPTION: usize = 300;

/// Title, language, dates and properties. `heading` is the first heading of the content.
pub(super) fn read(page: &Page, heading: Option<&str>) -> Fields {
    let mut fields = Fields::default();
    let mut found = Found::default();
    found.collect(&page.html, &mut fields);
    for data in &page.data {
        structured(data, &mut fields);
    }
    if let Some(when) = &found.time {
        fields.set("date", when);
    }
    if let Some(title) = found.title(heading) {
        fields.set("title", &title);
    }
    fields
}

#[derive(Default)]
struct Found {
    title: Option<String>,
    shared: Option<String>,
    site: Option<String>,
    time: Option<String>,
}

impl Found {
    fn collect(&mut self, html: &Html, fields: &mut Fields) {
        walk(html.tree.root(), |step| {
            let Step::Enter(node) = step else { return true };
            let Some(element) = node.value().as_element() else { return true };
            match name(&node) {
                Some("html") => {
                    if let Some(lang) = element.attr("lang").or_else(|| element.attr("xml:lang")) {
                        fields.set("lang", lang);
                    }
                }
                Some("title") if self.title.is_none() => {
                    let text: String = node
                        .children()
                        .filter_map(|child| child.value().as_text().map(|text| &**text))
                        .collect();
                    self.title = tidy(&text);
                }
                Some("meta") => {
                    let key = element
                        .attr("property")
                        .or_else(|| element.attr("name"))
                        .or_else(|| element.attr("itemprop"));
                    if let (Some(key), Some(value)) = (key, element.attr("content")) {
                        self.meta(key, value, fields);
                    }
                }
                Some("time") => {
                    if let Some(when) = element.attr("datetime") {
                        let class = element
                            .attr("itemprop")
                            .or_else(|| element.attr("class"))
                            .unwrap_or_default()
                            .to_lowercase();
                        if ["modified", "updated"].iter().any(|word| class.contains(word)) {
                            fields.set("updated", when);
                        } else if self.time.is_none() {
                            self.time = Some(when.to_owned());
                        }
                    }
                }
                _ => {}
            }
            true
        });
    }

    fn meta(&mut self, key: &str, value: &str, fields: &mut Fields) {
        match key.trim().to_lowercase().as_str() {
            "og:title" => self.shared = tidy(value),
            "og:site_name" | "application-name" => self.site = tidy(value),
            "description" | "og:description" => {
                if let Some(text) = tidy(value) {
                    let text = text.chars().take(DESCRIPTION).collect();
                    fields.metadata.entry("description".to_owned()).or_insert(text);
                }
            }
            "article:modified_time"
            | "og:updated_time"
            | "datemodified"
            | "last-modified"
            | "dcterms.modified" => {
                fields.set("updated", value);
            }
            "article:published_time" | "datepublished" | "dcterms.created" | "dcterms.date" | "dc.date" => {
                fields.set("published", value);
            }
            // A page's own `title` property is rarely what a reader sees.
            "title" | "subject" => {}
            other => fields.set(other, value),
        }
    }

    /// The heading where the page's title repeats it, else the title without the site's name.
    fn title(&self, heading: Option<&str>) -> Option<String> {
        let stated = self.shared.as_ref().or(self.title.as_ref());
        let heading = heading.and_then(tidy);
        if let (Some(stated), Some(heading)) = (stated, &heading)
            && stated.to_lowercase().contains(&heading.to_lowercase())
        {
            return Some(heading.clone());
        }
        let Some(stated) = stated else { return heading };
        for mark in [" | ", " – ", " — ", " - ", " · ", " :: ", " » "] {
            if let Some((title, suffix)) = stated.rsplit_once(mark) {
                let is_site =
                    self.site.as_deref().is_some_and(|site| site.eq_ignore_ascii_case(suffix.trim()));
                if (is_site || mark == " | ") && !title.trim().is_empty() {
                    return Some(title.trim().to_owned());
                }
            }
        }
        Some(stated.clone())
    }
}

/// Dates in a page's structured data.
fn structured(data: &str, fields: &mut Fields) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(data.trim()) else { return };
    let mut objects = vec![&value];
    let mut seen = 0;
    while let Some(value) = objects.pop() {
        seen += 1;
        if seen > 1_000 {
            return;
        }
        match value {
            serde_json::Value::Array(items) => objects.extend(items),
            serde_json::Value::Object(map) => {
                for (key, name) in [("dateModified", "updated"), ("datePublished", "published")] {
                    if let Some(when) = map.get(key).and_then(serde_json::Value::as_str) {
                        fields.set(name, when);
                    }
                }
                objects.extend(map.get("@graph"));
                objects.extend(map.get("mainEntity"));
            }
            _ => {}
        }
    }
}

fn tidy(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
