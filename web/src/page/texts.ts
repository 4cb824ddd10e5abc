/** What the page says, in Chinese. */
import type { ErrorCode } from "../errors.ts";
import type { BootStage } from "../protocol.ts";

export const STAGE_NAMES: Readonly<Record<BootStage, string>> = {
  runtime: "运行环境",
  packages: "程序包",
  engine: "语音引擎",
  voice: "声音模型",
  warm: "预热",
};

export const EXAMPLES: readonly { readonly title: string; readonly text: string }[] = [
  { title: "问候", text: "你好，很高兴认识你。今天过得怎么样？" },
  {
    title: "散文",
    text: "春天来了，院子里的老梅树开了花。风一吹，花瓣轻轻落在石阶上，像是谁在悄悄说话。",
  },
  { title: "唐诗", text: "床前明月光，疑是地上霜。举头望明月，低头思故乡。" },
  { title: "天气", text: "今天多云转晴，气温12到23摄氏度，东南风3级，空气质量优。" },
  { title: "变调", text: "老虎一共有几只？你想想，我也想想。不对，不是一只，是两只小老虎。" },
];

interface Explanation {
  readonly title: string;
  readonly remedy: string;
}

export const EXPLANATIONS: Readonly<Record<ErrorCode, Explanation>> = {
  "text.empty": { title: "没有可以朗读的文字", remedy: "请输入一些汉字、数字或标点以外的内容。" },
  "text.too_long": { title: "文字太长", remedy: "一次最多朗读 5000 个字符，请分成几段。" },
  "markup.malformed": {
    title: "标记有误",
    remedy: "请按详情里的行列位置改正标记；正文里的 < 和 & 要写成 &lt; 和 &amp;。",
  },
  "markup.unknown": { title: "不认识的标记", remedy: "详情里列出了可用的标记和属性。" },
  "markup.value": { title: "标记的取值不对", remedy: "请按详情里的说明改正，或去掉这个属性。" },
  "lexicon.invalid": { title: "词条有误", remedy: "每个汉字对应一个带声调数字的拼音，如 重庆 chong2 qing4。" },
  "voice.not_found": { title: "找不到这个声音", remedy: "请从列表里另选一个声音。" },
  "voice.format": { title: "声音文件的版本不符", remedy: "请刷新页面，取得同一版本的全部文件。" },
  "model.unknown": { title: "程序与模型版本不一致", remedy: "请刷新页面。" },
  "model.missing": { title: "此版本没有情感模型", remedy: "请手动选择情感，或使用完整版本。" },
  "model.corrupt": { title: "模型文件已损坏", remedy: "请重试，文件会重新下载。" },
  "voice.corrupt": { title: "声音文件已损坏", remedy: "请重试，文件会重新下载。" },
  "option.invalid": { title: "设置超出范围", remedy: "语速 0.5 到 2 倍，音高 −12 到 +12 个半音。" },
  "language.unsupported": { title: "这个声音不会说这种语言", remedy: "请换一个声音。" },
  "runtime.failed": { title: "引擎出错了", remedy: "请重试。如果总是这样，请把详情里的信息告诉我们。" },
  cancelled: { title: "已取消", remedy: "需要时请重新开始。" },
  "file.missing": { title: "服务器上缺少文件", remedy: "请刷新页面再试。如果仍然缺少，网站的部署可能不完整。" },
  "file.corrupt": { title: "下载的文件不完整或被改动", remedy: "请重试，损坏的文件不会被使用。" },
  "network.failed": { title: "网络连接中断", remedy: "请检查网络后重试，已经下载的部分会保留。" },
  "wasm.unsupported": {
    title: "这个浏览器不支持",
    remedy: "请使用较新的 Chrome、Edge、Firefox 或 Safari，并通过 https 打开。",
  },
  "worker.lost": { title: "引擎意外停止", remedy: "点击“重试”重新启动引擎。如果反复出现，设备的内存可能不足。" },
  "audio.failed": { title: "无法播放声音", remedy: "请检查浏览器的声音权限，或改用“下载 WAV”。" },
  disposed: { title: "引擎已经关闭", remedy: "请刷新页面。" },
};

export const OFFLINE_TEXTS = {
  checking: "检查离线状态",
  saving: "正在保存，供离线使用",
  ready: "可离线使用",
  offline: "离线运行中",
  unavailable: "此浏览器不能离线保存",
} as const;

export type OfflineState = keyof typeof OFFLINE_TEXTS;

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

export function semitones(value: number): string {
  return value === 0 ? "原调" : `${value > 0 ? "+" : "−"}${Math.abs(value)} 半音`;
}
