/** The page inside an `<iframe>`: one player, with the text of the address's fragment (the format of the page's share links). */
import { parseFragment } from "../page/share.ts";
import { TAGS, visitorLanguage } from "../page/visitor.ts";
import "./player.ts";

async function show(): Promise<void> {
  const player = document.querySelector("qingsheng-player");
  const shared = await parseFragment(location.hash);
  if (!player || !shared) return;
  const { text, settings, feeling } = shared;
  player.text = text;
  for (const [name, value] of Object.entries({ ...settings, intensity: feeling.intensity })) {
    player.setAttribute(name, String(value));
  }
  if (typeof feeling.emotion === "string") player.setAttribute("emotion", feeling.emotion);
}

document.documentElement.lang = TAGS[visitorLanguage()];
window.addEventListener("hashchange", () => void show());
void show();
