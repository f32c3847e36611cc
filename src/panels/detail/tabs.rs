//! The row of tabs, with the selected flow at its right.

use egui::{
    Align, Layout, Rect, Response, RichText, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2,
};

use crate::base::text::{counted, shorten_middle};
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::session::DetailTab;
use crate::widgets::theme::{GRID, HEADING_HEIGHT, Theme, UI_SIZE, regular, semibold};

/// Thickness of the line below the open tab.
const UNDERLINE: f32 = 2.0;
/// Most characters of a host in the title.
const MAX_HOST_CHARS: usize = 60;

/// Paints the row; a click asks for the tab.
pub(super) fn ui(ui: &mut Ui, cx: &mut PanelCx<'_>) {
    let theme = Theme::of(ui);
    let row = ui
        .horizontal(|ui| {
            ui.set_min_height(HEADING_HEIGHT);
            ui.spacing_mut().item_spacing.x = GRID * 4.0;
            for tab in DetailTab::ALL {
                let is_open = tab == cx.session.detail_tab;
                if tab_ui(ui, tab.title(), is_open).clicked() && !is_open {
                    cx.actions.push(Action::ShowTab(tab));
                }
            }
            let title = title(cx);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let text = RichText::new(title).color(theme.secondary);
                ui.add(egui::Label::new(text).truncate());
            });
        })
        .response
        .rect;
    ui.painter().hline(
        row.x_range(),
        row.bottom(),
        Stroke::new(1.0, theme.hairline),
    );
    ui.add_space(GRID);
}

fn tab_ui(ui: &mut Ui, title: &str, is_open: bool) -> Response {
    let theme = Theme::of(ui);
    let font = if is_open {
        semibold(UI_SIZE)
    } else {
        regular(UI_SIZE)
    };
    // Room for the wider of both weights, so that opening a tab moves no other.
    let wide = ui
        .painter()
        .layout_no_wrap(title.to_owned(), semibold(UI_SIZE), theme.text);
    let size = Vec2::new(wide.size().x, HEADING_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_open, title));
    let colour = if is_open || response.hovered() {
        theme.text
    } else {
        theme.secondary
    };
    let galley = ui.painter().layout_no_wrap(title.to_owned(), font, colour);
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, colour);
    if is_open {
        let line = Rect::from_min_max(
            pos2(rect.left(), rect.bottom() - UNDERLINE),
            rect.right_bottom(),
        );
        ui.painter().rect_filled(line, 0.0, theme.accent);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(
            rect.expand2(Vec2::new(GRID, 0.0)),
            GRID,
            Stroke::new(1.0, theme.focus_ring),
            egui::StrokeKind::Inside,
        );
    }
    response
}

/// `#34 PUT static-assets.s3.amazonaws.com`.
fn title(cx: &PanelCx<'_>) -> String {
    let selection = &cx.session.selection;
    if 1 < selection.flows.len() {
        return format!("{} selected", counted(selection.flows.len() as u64, "flow"));
    }
    let flow = selection
        .focus
        .and_then(|id| Some((id, cx.document.flow(id)?)));
    flow.map_or_else(String::new, |(id, flow)| {
        let host = shorten_middle(flow.host(), MAX_HOST_CHARS);
        format!("#{} {} {host}", id.n(), flow.method())
    })
}
