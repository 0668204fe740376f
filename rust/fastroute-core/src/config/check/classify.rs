//! Classification and the default.

use super::Checker;
use crate::config::code::Code;
use crate::config::model::Stage;
use crate::config::path::Path;

impl Checker<'_, '_, '_> {
    pub(super) fn classify(&mut self) {
        let config = self.config;
        let classify = Path::Root.key("classify");
        self.unique(&config.classify.order, &classify.key("order"), |stage| {
            stage.as_str().to_owned()
        });
        let similarity = classify.key("similarity");
        self.encoder(
            &config.classify.similarity.encoder,
            &similarity.key("encoder"),
        );
        if let Some(meta_llm) = &config.classify.meta_llm {
            let path = classify.key("meta_llm");
            self.model(&meta_llm.model, &path.key("model"));
            if !config.classify.order.contains(&Stage::MetaLlm) {
                self.warning(
                    Code::MetaLlmUnused,
                    &path,
                    "stage `meta_llm` is not in `order`, so this is never asked",
                );
            }
        }
        self.route(
            &config.default.route,
            &Path::Root.key("default").key("route"),
        );
    }
}
