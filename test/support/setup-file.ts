/** Loaded before each test file: CommonJS add-ons of Nest hit a require cycle when they are the first to load it. */
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
