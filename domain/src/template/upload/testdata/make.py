"""Makes vesikatko.docx, as a word processor would: `python make.py`, with python-docx 1.2.0 installed."""

from pathlib import Path

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

document = Document()
document.sections[0].header.paragraphs[0].text = "Isännöinti Oy"
document.add_heading("Vesikatko {{ property.name }}", level=1)

greeting = document.add_paragraph("Hei ")
# A word processor cuts text up as it likes, and rounds its quotes.
greeting.add_run("{{ recipient.")
greeting.add_run("first_name|default(").bold = True
greeting.add_run("’asukas’) }}")
greeting.add_run(", vesi on ")
greeting.add_run("poikki").bold = True
greeting.add_run(" ja ")
greeting.add_run("lämmin vesi").italic = True
greeting.add_run(" myös *koko* päivän.")

document.add_heading("Näin varaudut", level=2)
for item in ("Laske vettä talteen", "Sulje hanat & hajulukot <huolella>"):
    document.add_paragraph(item, style="List Bullet")
document.add_paragraph("Alakohta", style="List Bullet 2")
for item in ("Ensin", "Sitten"):
    document.add_paragraph(item, style="List Number")

table = document.add_table(rows=2, cols=2)
for cell, text in zip([cell for row in table.rows for cell in row.cells], ("Talo", "Aika", "A | B", "klo 9–12"), strict=True):
    cell.text = text

paragraph = document.add_paragraph("Lue ")
link = OxmlElement("w:hyperlink")
target = "https://example.fi/vesi?a=1&b=(2)"
link.set(qn("r:id"), document.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
run = OxmlElement("w:r")
text = OxmlElement("w:t")
text.text = "lisää"
run.append(text)
link.append(run)
paragraph._p.append(link)
paragraph.add_run(".")

document.add_paragraph("1. maaliskuuta vesi palaa.\nTerveisin\nIsännöinti")
document.save(Path(__file__).with_name("vesikatko.docx"))
