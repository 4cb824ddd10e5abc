/** What the page says, in both languages. */
import type { Language } from "../page/visitor.ts";
import { Unanswered } from "./api.ts";

const ZH = {
  title: "听音测试",
  other: "English",
  otherLabel: "Switch to English",
  welcome: "同一句话，听两遍，说说你更喜欢哪一遍。每一组大约三分钟。",
  headphones: "请戴上耳机，在安静的地方听。",
  privacy: "只保存一个随机编号和你的选择，不保存任何个人信息。",
  start: "开始",
  again: "已完成，再看一遍",
  progress: (done: number, all: number) => `已完成 ${done} / ${all}`,
  trial: (at: number, all: number) => `第 ${at} 题，共 ${all} 题`,
  loading: "正在准备声音……",
  engine: (percent: number) => `正在准备语音引擎…… ${percent}%`,
  play: (side: string) => `播放 ${side}`,
  stop: (side: string) => `停止 ${side}`,
  heard: "已听",
  listenFirst: "两段都听完以后再回答。",
  prefer: "你更喜欢哪一段？",
  none: "差不多",
  rate: "分别打分",
  scale: "1 很差，5 很好",
  rating: (question: string, side: string) => `${question}：${side}`,
  missing: "还有没回答的问题。",
  next: "下一题",
  finish: "提交",
  thanks: "谢谢你！",
  thanksMore: "你的回答已经保存。还可以再听另一组：",
  back: "返回",
  keys: "快捷键：A、B 播放，空格停止，回车提交",
  results: "结果",
  token: "访问口令",
  show: "查看结果",
  download: "下载 CSV",
  wrongToken: "口令不对，或服务器没有设置口令。",
  notHere: "这台服务器没有开放听音测试。",
  unreachable: "连接不上服务器，请稍后再试。",
  failed: "出了点问题，请重试。",
  retry: "重试",
  counts: (listeners: number, answers: number) => `${listeners} 位听者，${answers} 个回答`,
  preference: "偏好",
  preferenceNote: "横线是 95% 置信区间（Wilson）；虚线处两者相当，越往右越偏爱右边的方案。",
  opinion: "平均意见分",
  opinionNote: "细线是 95% 自助法区间，按听者抽样。",
  system: "方案",
  question: "问题",
  mean: "平均",
  interval: "95% 区间",
  number: "数量",
  share: "选 ▸",
  pValue: "p（按回答）",
  pListeners: "p（按听者）",
  overall: "加权总分",
  noneYet: "还没有回答。",
};

type Texts = typeof ZH;

const EN: Texts = {
  title: "Listening test",
  other: "中文",
  otherLabel: "切换到中文",
  welcome: "The same sentence twice: say which one you prefer. Each part takes about three minutes.",
  headphones: "Please use headphones in a quiet place.",
  privacy: "Only a random number and your choices are kept, nothing about you.",
  start: "Start",
  again: "Done, look again",
  progress: (done, all) => `${done} of ${all} done`,
  trial: (at, all) => `Question ${at} of ${all}`,
  loading: "Preparing the sound…",
  engine: (percent) => `Preparing the speech engine… ${percent} %`,
  play: (side) => `Play ${side}`,
  stop: (side) => `Stop ${side}`,
  heard: "heard",
  listenFirst: "Listen to both to the end, then answer.",
  prefer: "Which one do you prefer?",
  none: "No difference",
  rate: "Rate each",
  scale: "1 is bad, 5 is excellent",
  rating: (question, side) => `${question}: ${side}`,
  missing: "Some questions have no answer yet.",
  next: "Next",
  finish: "Send",
  thanks: "Thank you!",
  thanksMore: "Your answers are kept. You may listen to another part:",
  back: "Back",
  keys: "Keys: A and B play, space stops, Enter sends",
  results: "Results",
  token: "Token",
  show: "Show results",
  download: "Download CSV",
  wrongToken: "The token is wrong, or the server has none.",
  notHere: "There is no listening test on this server.",
  unreachable: "The server cannot be reached. Please try again later.",
  failed: "Something went wrong. Please try again.",
  retry: "Try again",
  counts: (listeners, answers) => `${listeners} listeners, ${answers} answers`,
  preference: "Preference",
  preferenceNote:
    "Bars are 95 % intervals (Wilson). On the dashed line both are alike; further right, the one named on the right is preferred.",
  opinion: "Mean opinion score",
  opinionNote: "Thin lines are 95 % bootstrap intervals over listeners.",
  system: "System",
  question: "Question",
  mean: "Mean",
  interval: "95 % interval",
  number: "Count",
  share: "For ▸",
  pValue: "p (answers)",
  pListeners: "p (listeners)",
  overall: "Weighted overall",
  noneYet: "No answers yet.",
};

export function textsOf(language: Language): Texts {
  return language === "zh" ? ZH : EN;
}

export function explain(error: unknown, texts: Texts): string {
  if (!(error instanceof Unanswered)) return texts.failed;
  if (error.status === 0) return texts.unreachable;
  if (error.status === 401) return texts.wrongToken;
  return error.status === 404 ? texts.notHere : texts.failed;
}

export type { Language, Texts };
