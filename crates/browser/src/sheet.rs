//! Style sheets without style elements, which a strict policy of the page would refuse.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{CssStyleSheet, ShadowRoot};

/// A sheet that a shadow root has adopted; taken away when dropped.
#[derive(Debug)]
pub struct Sheet {
    root: ShadowRoot,
    sheet: CssStyleSheet,
}

impl Sheet {
    /// Adds a sheet behind those that are there. `None` where the browser has no constructable sheets.
    pub fn adopt(root: &ShadowRoot, css: &str) -> Option<Sheet> {
        let sheet = CssStyleSheet::new().ok()?;
        sheet.replace_sync(css).ok()?;
        let sheets = Array::from(&root.adopted_style_sheets());
        sheets.push(&sheet);
        root.set_adopted_style_sheets(&sheets);
        Some(Sheet { root: root.clone(), sheet })
    }

    /// Changes its rules.
    pub fn replace(&self, css: &str) {
        let _ = self.sheet.replace_sync(css);
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        let sheets = Array::from(&self.root.adopted_style_sheets());
        let ours: &JsValue = self.sheet.as_ref();
        let others = sheets.filter(&mut |sheet, _, _| sheet != *ours);
        self.root.set_adopted_style_sheets(&others);
    }
}
