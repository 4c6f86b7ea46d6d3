/** The build makes one style sheet of what is imported, and links it. */
declare module '*.css';
