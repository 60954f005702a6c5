#!/usr/bin/env python3
"""Writes office documents to measure readers with: python3 bench/office_files.py FOLDER [COUNT]

COUNT (20) of each kind, all different, made here: xlsx (3 sheets of 100 rows), docx (20 pages of rules), pptx (10 slides), odt, ods, rtf, eml with two
attachments, zip of ten texts, law XML of 100 articles, json. Then `extract_speed --files FOLDER`, and `--peer` for markitdown on the same files:
python3 bench/office_files.py --peer FOLDER (needs the PyPI package markitdown[xlsx,docx,pptx]), one process for all files, its start not counted, by its processor time.
"""
import io
import json
import sys
import time
import zipfile
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SENTENCES = ["町長は、前条の申請があったときは、その内容を審査し、適当と認めるときは、利用を許可するものとする。", "利用料は、別表に定める額とし、許可を受けた際に納めなければならない。", "この規則に定めるもののほか、必要な事項は、町長が別に定める。"]


def zipped(members, first=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(first[0], first[1], zipfile.ZIP_STORED)
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def types(overrides):
    parts = "".join(f'<Override PartName="{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>' for name, kind in overrides)
    return f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'


def relations(*links):
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">' + "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in links) + "</Relationships>"


def xlsx(seed):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings, sheets = [], {}
    for sheet in range(3):
        rows = ""
        for row in range(1, 101):
            texts = [f"款{row % 7}", f"{seed}-{sheet}-{row}号の事業", SENTENCES[row % 3]]
            cells = "".join(f'<c r="{"ABC"[c]}{row}" t="s"><v>{len(strings) + c}</v></c>' for c in range(3))
            strings += texts
            rows += f'<row r="{row}">{cells}<c r="D{row}" s="1"><v>{row * 1000 + seed}</v></c><c r="E{row}" s="2"><v>{45000 + row}</v></c></row>'
        sheets[f"xl/worksheets/sheet{sheet + 1}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    listed = "".join(f'<sheet name="表{i}" sheetId="{i}" r:id="r{i}"/>' for i in (1, 2, 3))
    styles = f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="3"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    return zipped({"[Content_Types].xml": types([("/xl/workbook.xml", "spreadsheetml.sheet.main"), ("/xl/styles.xml", "spreadsheetml.styles"), ("/xl/sharedStrings.xml", "spreadsheetml.sharedStrings")] + [(f"/{name}", "spreadsheetml.worksheet") for name in sheets]),
                   "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")), "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
                   "xl/_rels/workbook.xml.rels": relations(*[(f"r{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in (1, 2, 3)], ("s", "styles", "styles.xml"), ("t", "sharedStrings", "sharedStrings.xml")),
                   "xl/styles.xml": styles, "xl/sharedStrings.xml": f'<sst xmlns="{main}">' + "".join(f"<si><t>{text}</t></si>" for text in strings) + "</sst>", **sheets})


def docx(seed):
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>第{i}条　{seed}{SENTENCES[i % 3]}</w:t></w:r></w:p>" + ('<w:p><w:r><w:br w:type="page"/></w:r></w:p>' if i % 15 == 0 else "") for i in range(1, 301))
    return zipped({"[Content_Types].xml": types([("/word/document.xml", "wordprocessingml.document.main")]), "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
                   "word/document.xml": f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>'})


def pptx(seed):
    names = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="' + OFFICE + '"'
    shape = lambda kind, texts: f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>' + "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in texts) + "</p:txBody></p:sp>"
    slides = {f"ppt/slides/slide{i}.xml": f'<p:sld {names}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{shape("title", [f"{seed}の{i}"])}{shape("body", SENTENCES)}</p:spTree></p:cSld></p:sld>' for i in range(1, 11)}
    listed = "".join(f'<p:sldId id="{255 + i}" r:id="r{i}"/>' for i in range(1, 11))
    return zipped({"[Content_Types].xml": types([("/ppt/presentation.xml", "presentationml.presentation.main")] + [(f"/{name}", "presentationml.slide") for name in slides]), "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")),
                   "ppt/presentation.xml": f'<p:presentation {names}><p:sldIdLst>{listed}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>', "ppt/_rels/presentation.xml.rels": relations(*[(f"r{i}", "slide", f"slides/slide{i}.xml") for i in range(1, 11)]), **slides})


def odf(kind, body):
    names = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for short, long in (("office", "office"), ("text", "text"), ("table", "table")))
    return zipped({"content.xml": f'<office:document-content {names}><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>'}, ("mimetype", f"application/vnd.oasis.opendocument.{kind}"))


def odt(seed):
    return odf("text", "".join(f"<text:p>第{i}条　{seed}{SENTENCES[i % 3]}</text:p>" for i in range(1, 301)))


def ods(seed):
    cell = lambda value: f"<table:table-cell><text:p>{value}</text:p></table:table-cell>"
    return odf("spreadsheet", '<table:table table:name="表">' + "".join(f"<table:table-row>{cell(f'款{i % 7}')}{cell(f'{seed}-{i}')}{cell(i * 1000)}</table:table-row>" for i in range(300)) + "</table:table>")


def rtf(seed):
    coded = lambda text: "".join(f"\\'{byte:02x}" for byte in text.encode("cp932"))
    return ("{\\rtf1\\ansi\\ansicpg932{\\fonttbl{\\f0\\fcharset128 M;}}" + "".join(f"{coded(f'第{i}条　{seed}' + SENTENCES[i % 3])}\\par\n" for i in range(1, 301)) + "}").encode()


def eml(seed):
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = f"第{seed}回の会議について", "a@example.jp", "b@example.jp"
    mail.set_content("\n".join(SENTENCES * 20))
    mail.add_attachment("課,内線\n" + "".join(f"課{i},{seed}{i}\n" for i in range(100)), filename="内線.csv")
    mail.add_attachment(docx(seed), maintype="application", subtype="octet-stream", filename="規則.docx")
    return mail.as_bytes()


def archive(seed):
    return zipped({f"文書{i}.txt": f"{seed}-{i}\n" + "\n".join(SENTENCES * 10) for i in range(10)})


def law(seed):
    articles = "".join(f'<Article Num="{i}"><ArticleTitle>第{i}条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence><Sentence>{seed}{SENTENCES[i % 3]}</Sentence></ParagraphSentence></Paragraph></Article>' for i in range(1, 101))
    return f'<?xml version="1.0" encoding="UTF-8"?><Law Era="Reiwa"><LawNum>令和六年規則第{seed}号</LawNum><LawBody><LawTitle>規則{seed}</LawTitle><MainProvision>{articles}</MainProvision></LawBody></Law>'.encode()


def records(seed):
    return json.dumps({"一覧": [{"款": f"款{i % 7}", "名": f"{seed}-{i}", "額": i * 1000} for i in range(300)]}, ensure_ascii=False).encode()


KINDS = {"xlsx": xlsx, "docx": docx, "pptx": pptx, "odt": odt, "ods": ods, "rtf": rtf, "eml": eml, "zip": archive, "xml": law, "json": records}


def peer(folder):
    from markitdown import MarkItDown
    reader, seconds, files, failed = MarkItDown(), Counter(), Counter(), Counter()
    for path in sorted(folder.iterdir()):
        start = time.process_time()
        try:
            reader.convert(str(path))
        except Exception:  # It does not read every kind.
            failed[path.suffix] += 1
            continue
        seconds[path.suffix] += time.process_time() - start
        files[path.suffix] += 1
    for kind in files:
        print(f"markitdown {kind:6} {files[kind]:4} files  {files[kind] / seconds[kind]:8.1f} files a second of processor time")
    for kind in failed:
        print(f"markitdown {kind:6} {failed[kind]:4} files not read")


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(Path(sys.argv[2]))
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder.mkdir(parents=True, exist_ok=True)
    for kind, make in KINDS.items():
        for seed in range(1, count + 1):
            (folder / f"{kind}{seed}.{kind}").write_bytes(make(seed))


if __name__ == "__main__":
    main()
