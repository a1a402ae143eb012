//! Which templates are allowed: merge fields, `if` and a few filters, and nothing that could loop, grow or reach elsewhere.

use std::fmt;

use minijinja::machinery::{Token, ast, parse, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::content::merge_fields::TemplateFields;
use crate::content::template_walk::{Scope, Walk};
use crate::occasion::OccasionKind;

/// How much may stand between one pair of `{{ }}` or `{% %}`, in words and signs. The parser recurses with it.
const MAX_TAG_TOKENS: usize = 120;

/// How many `elif` a template may have. The parser recurses with each.
const MAX_ELIFS: usize = 60;

/// Why a template is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// `unknown_merge_field`, `merge_field_of_occasion`, `template_syntax`, `template_construct_not_allowed` or `template_too_complex`.
    pub code: &'static str,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// One English sentence that names the remedy.
    pub message: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for TemplateFault {}

impl TemplateFault {
    /// A fault at a byte of the source.
    pub(super) fn at(source: &str, offset: usize, code: &'static str, message: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            code,
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: message.into(),
        }
    }

    /// What the engine could not read.
    fn syntax(source: &str, error: &minijinja::Error) -> Self {
        let offset = error.range().map_or(0, |range| range.start);
        let detail = error.detail().unwrap_or("the template cannot be read");
        Self::at(source, offset, "template_syntax", format!("{detail}."))
    }
}

/// The fields a template uses, or the first thing in it that is not allowed. Fields of occasions are not.
pub fn check_template(source: &str) -> Result<TemplateFields, TemplateFault> {
    check_template_of(source, None)
}

/// As [`check_template`], of a template that is bound to an occasion: that one's fields are allowed too.
pub fn check_template_of(source: &str, occasion: Option<OccasionKind>) -> Result<TemplateFields, TemplateFault> {
    check(source, Scope::Of(occasion))
}

/// As [`check_template`], of a template that was checked when it was saved: the fields of every occasion are allowed.
pub fn read_template(source: &str) -> Result<TemplateFields, TemplateFault> {
    check(source, Scope::Any)
}

fn check(source: &str, scope: Scope) -> Result<TemplateFields, TemplateFault> {
    check_size(source)?;
    let tree =
        parse(source, "template", SyntaxConfig::default()).map_err(|error| TemplateFault::syntax(source, &error))?;
    let mut walk = Walk::new(source, scope);
    match &tree {
        ast::Stmt::Template(template) => walk.body(&template.children)?,
        other => walk.statement(other)?,
    }
    Ok(walk.into_fields())
}

/// Bounds what the parser recurses with, so that no template can exhaust the stack.
fn check_size(source: &str) -> Result<(), TemplateFault> {
    let (mut in_tag, mut elifs) = (0, 0);
    for token in tokenize(source, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| TemplateFault::syntax(source, &error))?;
        in_tag = match token {
            Token::TemplateData(_) | Token::VariableStart | Token::BlockStart => 0,
            _ => in_tag + 1,
        };
        elifs += usize::from(in_tag == 1 && matches!(token, Token::Ident("elif")));
        if in_tag > MAX_TAG_TOKENS || elifs > MAX_ELIFS {
            let offset = usize::try_from(span.start_offset).unwrap_or(usize::MAX);
            let message = match elifs > MAX_ELIFS {
                true => format!("more than {MAX_ELIFS} `elif` in one template; write fewer."),
                false => "this expression is too long; split it up.".to_owned(),
            };
            return Err(TemplateFault::at(source, offset, "template_too_complex", message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(source: &str) -> Vec<&'static str> {
        check_template(source).unwrap_or_else(|fault| panic!("{source}: {fault}")).iter().collect()
    }

    #[test]
    fn what_is_allowed_passes_and_tells_its_fields() {
        for (source, expected) in [
            ("", &[][..]),
            ("Hei, 100 % { ok } # ~ *", &[]),
            ("{{ recipient.name }}", &["recipient.name"]),
            (
                "{{recipient.name|upper}} {{ recipient.city | default('-') | trim }}",
                &["recipient.city", "recipient.name"],
            ),
            ("{{ recipient.city|default(property.city|default(\"\"), true) }}", &["property.city", "recipient.city"]),
            ("{{ recipient.name|d('x')|lower|title|capitalize|e|escape }}", &["recipient.name"]),
            (
                "{% if recipient.first_name %}a{% elif property.code %}b{% else %}{{ mailing.name }}{% endif %}",
                &["mailing.name", "property.code", "recipient.first_name"],
            ),
            (
                "{% if not recipient.city and (recipient.street or 1 < 2) %}x{% endif %}",
                &["recipient.city", "recipient.street"],
            ),
            (
                "{% if recipient.language == 'fi' %}a{% endif %}{{ 'a' if recipient.city is defined else 'b' }}",
                &["recipient.city", "recipient.language"],
            ),
            (
                "{% if recipient.city is not defined or property.kind is undefined %}x{% endif %}",
                &["property.kind", "recipient.city"],
            ),
            ("{# {{ nothing.here }} #}{% raw %}{{ nothing.here }}{% endraw %}", &[]),
            (
                "{%- if true -%} x {%- endif -%} {{- sender.name -}} {{ sender.address }}",
                &["sender.address", "sender.name"],
            ),
        ] {
            assert_eq!(fields(source), expected, "{source}");
        }
    }

    #[test]
    fn every_other_construct_is_refused_where_it_stands() {
        let refused = "template_construct_not_allowed";
        for (source, code, line, column) in [
            ("{% set x = 1 %}", refused, 1, 4),
            ("Hei\n  {% set x %}a{% endset %}", refused, 2, 6),
            ("{% for x in recipient.name %}a{% endfor %}", refused, 1, 4),
            ("{% for x in loans %}a{% endfor %}", refused, 1, 4),
            ("{% for loan in inspections %}a{% endfor %}", refused, 1, 4),
            ("{% for loan in loans if loan.key %}a{% endfor %}", refused, 1, 4),
            ("{% for loan in loans recursive %}a{% endfor %}", refused, 1, 4),
            ("{% for loan in loans %}a{% else %}b{% endfor %}", refused, 1, 4),
            ("{% for loan in loans %}a{% endfor %}", "merge_field_of_occasion", 1, 8),
            ("{% with x = 1 %}a{% endwith %}", refused, 1, 4),
            ("{% autoescape false %}a{% endautoescape %}", refused, 1, 4),
            ("{% filter upper %}a{% endfilter %}", refused, 1, 4),
            ("{% do recipient.name() %}", refused, 1, 4),
            ("{{ 'a' ~ 'b' }}", refused, 1, 4),
            ("{{ 'a' * 100000000 }}", refused, 1, 4),
            ("{{ 1 + 1 }}", refused, 1, 4),
            ("{{ 1 - 1 }}", refused, 1, 4),
            ("{{ 1 / 1 }}", refused, 1, 4),
            ("{{ 1 // 1 }}", refused, 1, 4),
            ("{{ 1 % 1 }}", refused, 1, 4),
            ("{{ 9 ** 9 }}", refused, 1, 4),
            ("{{ -1 }}", refused, 1, 4),
            ("{{ range(10) }}", refused, 1, 4),
            ("{{ recipient.name.upper() }}", refused, 1, 18),
            ("ä\nöö{{ recipient.name|safe }}", refused, 2, 21),
            ("{{ recipient.name|replace('a', 'b') }}", refused, 1, 19),
            ("{{ recipient.name|upper('a') }}", refused, 1, 19),
            ("{{ recipient.name|default }}", refused, 1, 19),
            ("{{ recipient.name|default(other='a') }}", refused, 1, 19),
            ("{{ recipient.name|default('a', true, true) }}", refused, 1, 19),
            ("{{ recipient['name'] }}", refused, 1, 4),
            ("{{ recipient.name[0:2] }}", refused, 1, 13),
            ("{{ ['a'] }}", refused, 1, 4),
            ("{{ ('a', 'b') }}", refused, 1, 4),
            ("{{ {'a': 'b'} }}", refused, 1, 4),
            ("{{ none }}", refused, 1, 4),
            ("{{ 'a'.name }}", refused, 1, 4),
            ("{% if 1 < 2 < 3 %}a{% endif %}", refused, 1, 4),
            ("{% if recipient.city in ['a'] %}a{% endif %}", refused, 1, 4),
            ("{% if recipient.city is string %}a{% endif %}", refused, 1, 25),
            ("{{ 'a' if recipient.city in 'ab' }}", refused, 1, 8),
            ("{{ recipient.shoe_size }}", "unknown_merge_field", 1, 4),
            ("{{ recipient }}", "unknown_merge_field", 1, 4),
            ("{{ name }}", "unknown_merge_field", 1, 4),
            ("{{ loop.index }}", "unknown_merge_field", 1, 4),
            ("{{ recipient.name.first }}", "unknown_merge_field", 1, 13),
            ("Hei\n{% if x.y %}{% endif %}", "unknown_merge_field", 2, 7),
            ("{{ recipient.city|default(nope.nope) }}", "unknown_merge_field", 1, 27),
            ("{{ range }}", "unknown_merge_field", 1, 4),
        ] {
            let fault = check_template(source).map(|_| ()).unwrap_err();
            assert_eq!((fault.code, fault.line, fault.column), (code, line, column), "{source}: {fault}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_where_it_stands() {
        for (source, line) in [
            ("{{ recipient.name", 1),
            ("a\n{{ }}", 2),
            ("{% if recipient.name %}a", 1),
            ("a\nb\n{% endif %}", 3),
            ("{% include '/etc/passwd' %}", 1),
            ("{% import 'x' as y %}", 1),
            ("{% extends 'x' %}", 1),
            ("{% block x %}{% endblock %}", 1),
            ("{% macro x() %}{% endmacro %}", 1),
            ("{% call x() %}{% endcall %}", 1),
            ("{{ 'a }}", 1),
            ("{{ recipient..name }}", 1),
            ("{# never closed", 1),
        ] {
            let fault = check_template(source).map(|_| ()).unwrap_err();
            assert_eq!((fault.code, fault.line), ("template_syntax", line), "{source}: {fault}");
        }
    }

    #[test]
    fn unknown_fields_come_with_the_field_that_was_meant() {
        let fault = check_template("Hei\nÄiti {{ recipient.frist_name }}").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "Line 2, column 9: there is no merge field `recipient.frist_name`. Did you mean `recipient.first_name`?"
        );
    }

    #[test]
    fn the_fields_of_an_occasion_are_for_what_is_bound_to_it() {
        let source = "Avain {{ loan.key }}";
        let loan = Some(OccasionKind::OverdueKeyLoan);
        assert_eq!(check_template_of(source, loan).unwrap().iter().collect::<Vec<_>>(), ["loan.key"]);
        assert!(read_template(source).is_ok());
        for occasion in [None, Some(OccasionKind::MoveInInspectionDue), Some(OccasionKind::Workflow)] {
            let fault = check_template_of(source, occasion).unwrap_err();
            assert_eq!((fault.code, fault.line, fault.column), ("merge_field_of_occasion", 1, 10));
            assert!(fault.message.contains("overdue_key_loan"), "{fault}");
        }
        assert_eq!(check_template_of("{{ loan.kye }}", loan).unwrap_err().code, "unknown_merge_field");
        assert!(check_template_of("{{ loan.kye }}", loan).unwrap_err().message.contains("`loan.key`"));
        assert!(!check_template("{{ loan.kye }}").unwrap_err().message.contains("`loan.key`"));
    }

    #[test]
    fn the_rows_of_an_occasion_are_gone_through_one_by_one() {
        let loan = Some(OccasionKind::OverdueKeyLoan);
        let source = "{% for loan in loans %}{{ loan.key }}: {{ loan.due_at }}\n{% endfor %}";
        let fields = check_template_of(source, loan).unwrap();
        assert_eq!(fields.iter().collect::<Vec<_>>(), ["loan.count", "loan.due_at", "loan.key"]);
        for source in [
            "{% for loan in loans %}{% for loan in loans %}a{% endfor %}{% endfor %}",
            "{% for loan in loans %}{{ loop.index }}{% endfor %}",
            "{{ loans }}",
            "{% for inspection in inspections %}a{% endfor %}",
        ] {
            assert!(check_template_of(source, loan).is_err(), "{source}");
        }
    }

    #[test]
    fn no_template_exhausts_the_stack() {
        let deep = [
            format!("{{{{ {} recipient.name }}}}", "not ".repeat(100_000)),
            format!("{{{{ {} 1 }}}}", "- ".repeat(100_000)),
            format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000)),
            format!("{{{{ recipient.name{} }}}}", "|upper".repeat(100_000)),
            format!("{{{{ recipient{} }}}}", ".name".repeat(100_000)),
            format!("{{{{ 1{} }}}}", " or 1".repeat(100_000)),
            format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(100_000)),
        ];
        for source in deep {
            assert_eq!(check_template(&source).unwrap_err().code, "template_too_complex");
        }
        let nested = format!("{}{}", "{% if 1 %}".repeat(10_000), "{% endif %}".repeat(10_000));
        assert_eq!(check_template(&nested).unwrap_err().code, "template_syntax");
        let allowed = [
            format!("{{{{ {} recipient.name }}}}", "not ".repeat(MAX_TAG_TOKENS - 5)),
            format!("{}{}", "{% if 1 %}".repeat(140), "{% endif %}".repeat(140)),
            format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(MAX_ELIFS)),
        ];
        for source in allowed {
            check_template(&source).unwrap_or_else(|fault| panic!("{fault}"));
        }
        assert_eq!(fields(&"{{ recipient.name }}\n".repeat(70_000)), ["recipient.name"], "many lines are no depth");
        let late = format!("{}{{{{ x }}}}", "\n".repeat(70_000));
        assert_eq!(check_template(&late).unwrap_err().line, 70_001);
    }
}
