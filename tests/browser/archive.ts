/** A ZIP archive in memory, as small as it can be: what an EPUB of the tests is packed in. */
import { crc32, deflateRawSync } from "node:zlib";

export function zip(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    // The media type of an EPUB is stored as it is, all else is deflated.
    const method = name === "mimetype" ? 0 : 8;
    const packed = method === 0 ? content : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, place, Buffer.from(name)]));
    bodies.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, directory, end]);
}

const page = (title: string, body: string) =>
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>${title}</title></head><body>${body}</body></html>`;

export function epub(): Buffer {
  return zip({
    mimetype: "application/epub+zip",
    "META-INF/container.xml":
      '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    "OPS/book.opf": `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
      <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>山中记</dc:title></metadata>
      <manifest>
        <item id="b" href="text/two.xhtml" media-type="application/xhtml+xml"/>
        <item id="a" href="text/one%20first.xhtml" media-type="application/xhtml+xml"/>
        <item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
      </manifest>
      <spine><itemref idref="a"/><itemref idref="b"/></spine></package>`,
    "OPS/nav.xhtml": page(
      "目录",
      '<nav><ol><li><a href="text/one%20first.xhtml">上山</a></li><li><a href="text/two.xhtml#begin">下山</a></li></ol></nav>',
    ),
    "OPS/text/one first.xhtml": page(
      "一",
      '<h1>上山</h1><p>天<ruby>亮<rt>liang</rt></ruby>了。<br/>他走了。</p><script>alert(1)</script><p onclick="alert(2)">山高。</p>',
    ),
    // As XHTML has it: read as HTML, the empty title would take the whole page in.
    "OPS/text/two.xhtml": page("", "<p>下山的路<b>很长</b>。</p>").replace("<title></title>", "<title/>"),
  });
}
