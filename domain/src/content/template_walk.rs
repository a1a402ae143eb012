//! The walk over a template's syntax tree: an allow-list, so that what is not named here is refused.

use minijinja::machinery::{Span, ast};
use minijinja::value::ValueKind;

use crate::content::merge_fields::{LOOPS, MERGE_FIELDS, MergeField, TemplateFields, count_field, merge_field};
use crate::content::template_check::TemplateFault;
use crate::occasion::OccasionKind;

/// Filters without arguments.
const PLAIN_FILTERS: [&str; 7] = ["upper", "lower", "title", "capitalize", "trim", "e", "escape"];

const NOT_ALLOWED: &str = "template_construct_not_allowed";

type Checked = Result<(), TemplateFault>;

/// Which fields a template may use.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    /// Those that are there always, and those of this occasion.
    Of(Option<OccasionKind>),
    /// Every field of the list.
    Any,
}

impl Scope {
    fn has(self, field: &MergeField) -> bool {
        match self {
            Self::Of(occasion) => field.occasion.is_none() || field.occasion == occasion,
            Self::Any => true,
        }
    }
}

/// Collects the fields of a template until something is not allowed.
pub(super) struct Walk<'s> {
    source: &'s str,
    scope: Scope,
    fields: TemplateFields,
    in_rows: bool,
}

impl<'s> Walk<'s> {
    pub(super) fn new(source: &'s str, scope: Scope) -> Self {
        Self { source, scope, fields: TemplateFields::default(), in_rows: false }
    }

    pub(super) fn into_fields(self) -> TemplateFields {
        self.fields
    }

    pub(super) fn body(&mut self, statements: &[ast::Stmt<'_>]) -> Checked {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    pub(super) fn statement(&mut self, statement: &ast::Stmt<'_>) -> Checked {
        match statement {
            ast::Stmt::EmitRaw(_) => Ok(()),
            ast::Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            ast::Stmt::IfCond(condition) => {
                self.expression(&condition.expr)?;
                self.body(&condition.true_body)?;
                self.body(&condition.false_body)
            }
            ast::Stmt::ForLoop(node) => self.rows(node, node.span()),
            ast::Stmt::WithBlock(node) => self.refuse(node.span(), "`with` is not available"),
            ast::Stmt::Set(node) => self.refuse(node.span(), "`set` is not available"),
            ast::Stmt::SetBlock(node) => self.refuse(node.span(), "`set` is not available"),
            ast::Stmt::AutoEscape(node) => self.refuse(node.span(), "`autoescape` is not available"),
            ast::Stmt::FilterBlock(node) => self.refuse(node.span(), "`filter` blocks are not available"),
            ast::Stmt::Do(node) => self.refuse(node.span(), "`do` is not available"),
            ast::Stmt::Template(node) => self.refuse(node.span(), "nested templates are not available"),
        }
    }

    /// A loop over the rows of an occasion, the only one there is.
    fn rows(&mut self, node: &ast::ForLoop<'_>, span: Span) -> Checked {
        let known = match (&node.target, &node.iter) {
            (ast::Expr::Var(target), ast::Expr::Var(list)) => LOOPS.contains(&(target.id, list.id)),
            _ => false,
        };
        let plain = node.filter_expr.is_none() && !node.recursive && node.else_body.is_empty();
        let (ast::Expr::Var(group), true, true, false) = (&node.target, known, plain, self.in_rows) else {
            let loops = LOOPS.map(|(group, list)| format!("`{{% for {group} in {list} %}}`")).join(" and ");
            return self.refuse(span, &format!("the only loops are {loops}, not one within another"));
        };
        // Without the count it is not known how many rows there are.
        self.field(&count_field(group.id), group.span())?;
        self.in_rows = true;
        let checked = self.body(&node.body);
        self.in_rows = false;
        checked
    }

    fn expression(&mut self, expression: &ast::Expr<'_>) -> Checked {
        match expression {
            ast::Expr::Const(constant) => match constant.value.kind() {
                ValueKind::String | ValueKind::Number | ValueKind::Bool => Ok(()),
                _ => self.refuse(constant.span(), "only texts, numbers, true and false may be written out"),
            },
            ast::Expr::Var(variable) => self.field(variable.id, variable.span()),
            ast::Expr::GetAttr(attribute) => match &attribute.expr {
                ast::Expr::Var(group) => self.field(&format!("{}.{}", group.id, attribute.name), group.span()),
                inner => match dotted(inner) {
                    Some(path) => self.field(&format!("{path}.{}", attribute.name), attribute.span()),
                    None => self.refuse(attribute.span(), "fields of other things than merge fields are not available"),
                },
            },
            ast::Expr::UnaryOp(unary) => match unary.op {
                ast::UnaryOpKind::Not => self.expression(&unary.expr),
                ast::UnaryOpKind::Neg => self.refuse(unary.span(), "`-` is not available"),
            },
            ast::Expr::BinOp(binary) => {
                if let Some(sign) = refused_operator(binary.op) {
                    return self.refuse(binary.span(), &format!("`{sign}` is not available"));
                }
                self.expression(&binary.left)?;
                self.expression(&binary.right)
            }
            ast::Expr::Compare(node) => self.refuse(node.span(), "chained comparisons are not available; use `and`"),
            ast::Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr)?;
                self.expression(&choice.true_expr)?;
                choice.false_expr.as_ref().map_or(Ok(()), |other| self.expression(other))
            }
            ast::Expr::Filter(filter) => self.filter(filter, filter.span()),
            ast::Expr::Test(test) => match (test.name, test.args.is_empty()) {
                ("defined" | "undefined", true) => self.expression(&test.expr),
                (name, _) => self.refuse(test.span(), &format!("the test `is {name}` is not available")),
            },
            ast::Expr::Slice(node) => self.refuse(node.span(), "`[:]` is not available"),
            ast::Expr::GetItem(node) => self.refuse(node.span(), "`[ ]` is not available; write `recipient.name`"),
            ast::Expr::Call(node) => self.refuse(node.span(), "calls are not available"),
            ast::Expr::List(node) => self.refuse(node.span(), "lists are not available"),
            ast::Expr::Tuple(node) => self.refuse(node.span(), "lists are not available"),
            ast::Expr::Map(node) => self.refuse(node.span(), "maps are not available"),
        }
    }

    fn filter(&mut self, filter: &ast::Filter<'_>, span: Span) -> Checked {
        let Some(input) = &filter.expr else {
            return self.refuse(span, "a filter needs something before it");
        };
        self.expression(input)?;
        match filter.name {
            name if PLAIN_FILTERS.contains(&name) => match filter.args.as_slice() {
                [] => Ok(()),
                _ => self.refuse(span, &format!("the filter `{name}` takes no arguments")),
            },
            // The second argument of Jinja's default asks to treat empty values like missing ones, which we always do.
            "default" | "d" => match filter.args.as_slice() {
                [ast::CallArg::Pos(value)] => self.expression(value),
                [ast::CallArg::Pos(value), ast::CallArg::Pos(flag)] => {
                    self.expression(value)?;
                    self.expression(flag)
                }
                _ => self.refuse(span, "write the filter as `default(\"…\")`"),
            },
            name => self.refuse(
                span,
                &format!("the filter `{name}` is not available; there are default, {}", PLAIN_FILTERS.join(", ")),
            ),
        }
    }

    fn field(&mut self, name: &str, span: Span) -> Checked {
        match merge_field(name) {
            Some(field) if self.scope.has(field) => {
                self.fields.insert(field);
                Ok(())
            }
            Some(field) => {
                let occasion = field.occasion.map(OccasionKind::as_str).unwrap_or_default();
                let message =
                    format!("`{name}` is a field of the occasion {occasion}; use it in what is bound to that.");
                Err(self.fault(span, "merge_field_of_occasion", message))
            }
            None => {
                let suggestion =
                    nearest(name, self.scope).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
                Err(self.fault(span, "unknown_merge_field", format!("there is no merge field `{name}`.{suggestion}")))
            }
        }
    }

    fn refuse(&self, span: Span, what: &str) -> Checked {
        Err(self.fault(span, NOT_ALLOWED, format!("{what}.")))
    }

    fn fault(&self, span: Span, code: &'static str, message: String) -> TemplateFault {
        TemplateFault::at(self.source, usize::try_from(span.start_offset).unwrap_or(usize::MAX), code, message)
    }
}

/// `a.b.c` as written, for the message; `None` when it is something else.
fn dotted(expression: &ast::Expr<'_>) -> Option<String> {
    match expression {
        ast::Expr::Var(variable) => Some(variable.id.to_owned()),
        ast::Expr::GetAttr(attribute) => Some(format!("{}.{}", dotted(&attribute.expr)?, attribute.name)),
        _ => None,
    }
}

/// The sign of an operator that is not available.
fn refused_operator(operator: ast::BinOpKind) -> Option<&'static str> {
    match operator {
        ast::BinOpKind::Eq
        | ast::BinOpKind::Ne
        | ast::BinOpKind::Lt
        | ast::BinOpKind::Lte
        | ast::BinOpKind::Gt
        | ast::BinOpKind::Gte
        | ast::BinOpKind::ScAnd
        | ast::BinOpKind::ScOr => None,
        ast::BinOpKind::Add => Some("+"),
        ast::BinOpKind::Sub => Some("-"),
        ast::BinOpKind::Mul => Some("*"),
        ast::BinOpKind::Div => Some("/"),
        ast::BinOpKind::FloorDiv => Some("//"),
        ast::BinOpKind::Rem => Some("%"),
        ast::BinOpKind::Pow => Some("**"),
        ast::BinOpKind::Concat => Some("~"),
        ast::BinOpKind::In => Some("in"),
    }
}

/// The field that was probably meant: the same last part, or the fewest letters changed, at most a third of them.
fn nearest(name: &str, scope: Scope) -> Option<&'static str> {
    let name = name.get(..60).unwrap_or(name);
    let (distance, field) = MERGE_FIELDS
        .iter()
        .filter(|field| scope.has(field))
        .map(|field| {
            let last_part = name.rsplit('.').next().unwrap_or(name);
            let distance = match field.parts() {
                (group, part) if !name.contains('.') && part == last_part && group == "recipient" => 1,
                _ => letters_changed(name, field.name),
            };
            (distance, field.name)
        })
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= field.len()).then_some(field)
}

/// The Levenshtein distance of two texts.
fn letters_changed(a: &str, b: &str) -> usize {
    let mut previous: Vec<usize> = (0..=b.chars().count()).collect();
    for (row, left) in a.chars().enumerate() {
        let mut diagonal = row;
        let mut last = row + 1;
        for (cell, right) in previous.iter_mut().skip(1).zip(b.chars()) {
            let substituted = diagonal + usize::from(left != right);
            diagonal = *cell;
            last = substituted.min(diagonal + 1).min(last + 1);
            *cell = last;
        }
        if let Some(first) = previous.first_mut() {
            *first = row + 1;
        }
    }
    previous.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_field_is_suggested_when_it_is_near() {
        for (written, expected) in [
            ("recipient.frist_name", Some("recipient.first_name")),
            ("recipient.firstname", Some("recipient.first_name")),
            ("first_name", Some("recipient.first_name")),
            ("name", Some("recipient.name")),
            ("recipent.name", Some("recipient.name")),
            ("properties.name", Some("property.name")),
            ("mailing.nme", Some("mailing.name")),
            ("shoe_size", None),
            ("x", None),
        ] {
            assert_eq!(nearest(written, Scope::Of(None)), expected, "{written}");
        }
    }

    #[test]
    fn letters_changed_is_the_levenshtein_distance() {
        for (a, b, distance) in
            [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("äiti", "aiti", 1)]
        {
            assert_eq!(letters_changed(a, b), distance, "{a} {b}");
        }
    }
}
