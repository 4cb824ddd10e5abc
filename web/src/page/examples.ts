/** Texts to try, by the name of the button that brings them (`data-text` in index.html). */
export const EXAMPLES: Readonly<Record<string, string>> = {
  "example.greeting": "你好，很高兴认识你。今天过得怎么样？",
  "example.prose": "春天来了，院子里的老梅树开了花。风一吹，花瓣轻轻落在石阶上，像是谁在悄悄说话。",
  "example.poem": "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
  "example.weather": "今天多云转晴，气温12到23摄氏度，东南风3级，空气质量优。",
  "example.sandhi": "老虎一共有几只？你想想，我也想想。不对，不是一只，是两只小老虎。",
};
