// Figures as text.
import { sizeOf } from './text.js';

export const countOf = (number) => number.toLocaleString('en');

/** 1,234, 12.3, 0.05: as exact as somebody can read it in passing. */
export function roughly(number) {
  const digits = number >= 100 || Number.isInteger(number) ? 0 : number >= 1 ? 1 : 2;
  return number.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: number < 0.005 ? 0 : digits });
}

export const rateOf = (number) => `${roughly(number)}/s`;

export const bytesOf = (bytes) => (bytes < 1_000_000_000 ? sizeOf(Math.round(bytes)) : `${(bytes / 1_000_000_000).toFixed(2)} GB`);

/** 0.4 ms, 120 ms, 2.1 s */
export const latencyOf = (seconds) => (seconds < 1 ? `${roughly(seconds * 1000)} ms` : `${roughly(seconds)} s`);

/** 12 s, 5 min, 3 h 20 min, 2 d 4 h */
export function durationOf(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, hours, days] = [Math.floor(whole / 60), Math.floor(whole / 3600), Math.floor(whole / 86400)];
  return days > 0 ? `${days} d ${hours % 24} h` : hours > 0 ? `${hours} h ${minutes % 60} min` : minutes > 0 ? `${minutes} min` : `${whole} s`;
}

const pad = (number) => String(number).padStart(2, '0');

/** 2026-01-31 14:03:07, in the reader's time. */
export function momentOf(time) {
  const date = new Date(time);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** 14:03 */
export const clockOf = (time) => momentOf(time).slice(11, 16);

/** One connection, 3 connections. */
export const manyOf = (count, one, many = `${one}s`) => `${countOf(count)} ${count === 1 ? one : many}`;
