import { Qingsheng } from "../qingsheng.js";

const said = document.querySelector("#said");

document.querySelector("#speak").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  try {
    const tts = await Qingsheng.load({
      onProgress: (progress) => {
        if (progress.kind === "bytes") said.textContent = `${Math.round((progress.loaded / progress.total) * 100)}%`;
      },
    });
    const playback = tts.speak("你好，世界。", { emotion: "joy" });
    playback.on("word", (word) => {
      if (word) said.textContent = word.text;
    });
    await playback.finished;
    await tts.dispose();
  } catch (error) {
    said.textContent = `${error.message} ${error.remedy ?? ""}`;
  } finally {
    target.disabled = false;
  }
});
