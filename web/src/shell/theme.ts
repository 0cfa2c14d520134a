import { createTheme, type MantineColorsTuple, type MantineThemeOverride } from '@mantine/core';

/** The one accent. Everything else is slate, and the tones of `theme.css`. */
const tide: MantineColorsTuple = [
  '#ebf8f6',
  '#d5efeb',
  '#a8dfd6',
  '#78cdc0',
  '#4fbdad',
  '#34ab9a',
  '#1f9484',
  '#147a6d',
  '#0f6158',
  '#0a4a43',
];

const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#eff1f4',
  '#e3e7ec',
  '#d5dae1',
  '#b9c1cb',
  '#8f99a6',
  '#5a6675',
  '#465160',
  '#2f3844',
  '#1b212a',
];

const dark: MantineColorsTuple = [
  '#d9dee5',
  '#b8c0cb',
  '#9aa5b3',
  '#6b7684',
  '#39424d',
  '#2c343d',
  '#1e242b',
  '#14181d',
  '#0f1216',
  '#0a0c0f',
];

/** Filled with the seventh, white words on it can be read. */
const red: MantineColorsTuple = [
  '#fdecea',
  '#fad5d2',
  '#f3b0ab',
  '#ea8780',
  '#e0625a',
  '#d5443c',
  '#c5332b',
  '#b3261e',
  '#941d17',
  '#74140f',
];

export const theme: MantineThemeOverride = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 7 },
  colors: { tide, gray, dark, red },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.5', lg: '1.5', xl: '1.45' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.25rem', xl: '2rem' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.35' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'xs', fw: 550 } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'xs' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tooltip: {
      defaultProps: {
        openDelay: 350,
        withArrow: true,
        events: { hover: true, focus: true, touch: false },
      },
    },
    Modal: {
      styles: { title: { fontWeight: 600, fontSize: '1rem' } },
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
  },
});
