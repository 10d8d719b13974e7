// A page in a browser: prints a line of JSON for each thing that was looked at.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createRequire } from 'node:module';

const [folder, modules] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'x.js'));
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const JENKINS = "sandbox allow-same-origin; default-src 'none'; "
	+ "img-src 'self'; style-src 'self'";
const pages = ['states', 'hostile', 'one', 'quiet'];
const url = name => 'file://' + path.join(folder, name + '.html');

function ok(passed, what, ...details) {
	console.log(JSON.stringify({ ok: Boolean(passed), what, details }));
}

const browser = await chromium.launch({
	executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const trouble = [];

async function open(address, { said = {}, ...options } = {}) {
	const context = await browser.newContext({
		viewport: { width: 1200, height: 900 }, ...options });
	const page = await context.newPage();

	page.on('console', m => ['error', 'warning'].includes(m.type())
		&& trouble.push(m.text()));
	page.on('pageerror', e => trouble.push(e.message));
	page.on('dialog', d => { trouble.push(d.message()); d.dismiss(); });
	page.on('request', r => r.url().split('#')[0] !== address.split('#')[0]
		&& !(said.may || []).includes(r.url()) && trouble.push(r.url()));
	await page.goto(address);
	return page;
}

const done = page => page.context().close();
const rows = page => page.$$eval('#rank tbody tr:not([hidden])',
	all => all.map(r => r.cells[1].textContent));

// --- whoever looks ---------------------------------------------------------
for (const name of pages)
	for (const colorScheme of ['light', 'dark']) {
		const page = await open(url(name), { colorScheme });

		await page.addStyleTag({ content: '' }).catch(() => {});
		trouble.length = 0;
		// all of it is looked at, not what is in sight alone
		await page.evaluate(axe);
		await page.evaluate(() => document.querySelectorAll('article')
			.forEach(a => { a.style.contentVisibility = 'visible'; }));
		const { violations } = await page.evaluate(
			() => window.axe.run(document, {
				resultTypes: ['violations'] }));
		ok(violations.length === 0, `${name}, ${colorScheme}: axe has no finding`,
			...violations.map(v => `${v.id}: ${v.help}: ${v.nodes.length}: `
				+ v.nodes[0].html.slice(0, 200)));
		await done(page);
	}
const validate = new HtmlValidate({ extends: ['html-validate:recommended'],
	rules: {
		// matters of taste
		'long-title': 'off', 'no-trailing-whitespace': 'off',
		'no-raw-characters': 'off', 'void-style': 'off',
		'no-dup-class': 'off', 'attr-quotes': 'off' } });
for (const name of pages) {
	const report = await validate.validateFile(
		path.join(folder, name + '.html'));
	const found = report.results.flatMap(r => r.messages);

	ok(report.valid, `${name}: the markup is valid`, ...found.slice(0, 8)
		.map(m => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
}

// --- nothing acts ------------------------------------------------------------
trouble.length = 0;
for (const name of pages) {
	const page = await open(url(name));

	await page.waitForTimeout(100);
	for (const d of await page.$$('summary'))
		await d.click();
	ok(trouble.length === 0, `${name}: no error, no dialog, no request`,
		...trouble);
	trouble.length = 0;
	await done(page);
}
for (const width of [360, 800, 1600])
	for (const name of pages) {
		const page = await open(url(name), {
			viewport: { width, height: 800 } });
		const wide = await page.evaluate(
			() => document.documentElement.scrollWidth - innerWidth);

		ok(wide <= 0, `${name}: fits ${width} pixels`, wide);
		await done(page);
	}

// --- looking for tests -------------------------------------------------------
let page = await open(url('states'), {
	permissions: ['clipboard-read', 'clipboard-write'] });
const all = await rows(page);
await page.keyboard.press('/');
await page.keyboard.type('m::o -12 -once');
ok((await rows(page)).length > 0 && (await rows(page)).every(
	t => t.includes('m::o') && !t.includes('once') && !t.includes('12')),
'a search, and what is not looked for', await rows(page));
ok(await page.$$eval('article:not([hidden])', a => a.length)
	=== (await rows(page)).length, 'sections as rows');
ok(page.url().includes('q=m%3A%3Ao+-12+-once'), 'the address says it',
	page.url());
const sent = page.url();
await page.keyboard.press('Escape');
ok((await rows(page)).length === all.length, 'Escape ends it',
	await rows(page));
await page.selectOption('#find select', 'broken');
ok((await rows(page)).join() === 'm::broken', 'a state', await rows(page));
await page.selectOption('#find select', '');
await page.click('#rank thead th:nth-child(5) button');
const failed = await page.$$eval('#rank tbody tr',
	r => r.map(x => parseFloat(x.cells[4].textContent)));
ok(failed.every((n, i) => i === 0 || n <= failed[i - 1]), 'sorted', failed);
await page.click('#rank thead th:nth-child(5) button');
ok((await rows(page))[0] !== all[0] && await page.getAttribute(
	'#rank thead th:nth-child(5)', 'aria-sort') === 'ascending',
'and the other way');
await page.click('#rank thead th:nth-child(1) button');
ok((await rows(page)).join() === all.join(), 'and as it was',
	await rows(page));
await page.click('#rank tbody tr:nth-child(3) a');
await page.waitForTimeout(400);
const second = await page.evaluate(() => location.hash);
ok(/^#t-[0-9a-f]{12}/.test(second) && await page.$eval(second.split('&')[0],
	e => Math.abs(e.getBoundingClientRect().top) < 200),
'a test is gone to', second);
await page.goBack();
ok(await page.evaluate(() => location.hash) !== second, 'and back');
await page.keyboard.press('j');
await page.keyboard.press('j');
const there = await page.evaluate(() => location.hash);
ok(await page.$$eval('article', a => a[1].id) === there.slice(1).split('&')[0],
	'keys step from test to test', there);
const command = await page.$('article:nth-of-type(2) code.cmd');
await page.click('article:nth-of-type(2) code.cmd + button');
ok(await page.evaluate(() => navigator.clipboard.readText())
	=== await command.textContent(), 'a command is copied');
await page.click('text=light or dark');
ok(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
	=== 'rgb(22, 24, 28)', 'dark, if somebody wants it');
await done(page);
page = await open(sent);
ok((await rows(page)).length < all.length && (await rows(page)).every(
	t => t.includes('m::o')), 'a filter that was sent is there', sent);
await done(page);
page = await open(url('states') + second);
await page.waitForTimeout(400);
ok(await page.$eval(second.split('&')[0],
	e => Math.abs(e.getBoundingClientRect().top) < 200), 'so is a test');
const hash = () => page.evaluate(() => location.hash);
await page.keyboard.press('/');
await page.keyboard.type('m::broken');
ok(!(await hash()).includes('t-'),
	'an address names no test that its filter hides', await hash());
await page.fill('#find input', '-');
ok((await rows(page)).length === all.length, 'a dash alone is no word');
await page.keyboard.press('Escape');
await page.click('#rank thead th:nth-child(2) button');
const order = await page.$$eval('#rank tbody tr', r => r.map(x => x.dataset.t));
await page.keyboard.press('j');
await page.keyboard.press('j');
ok((await hash()).startsWith('#' + order[1]), 'keys follow the order', order,
	await hash());
await page.focus('.wide');
await page.keyboard.press('ArrowRight');
ok((await hash()).startsWith('#' + order[1]), 'what is wide keeps its arrows');
await done(page);
page = await open(url('states') + second.split('&')[0] + '&q=broken');
await page.waitForTimeout(400);
ok((await rows(page)).length === all.length
	&& await page.isVisible(second.split('&')[0]),
'who is sent to a test sees it, whatever hides it');
await page.evaluate(() => { location.hash = 'q=broken'; });
await page.waitForTimeout(100);
ok((await rows(page)).join() === 'm::broken' && await page.inputValue(
	'#find input') === 'broken', 'an address that is typed is shown');
await page.evaluate(() => { location.hash = 'state=none-such'; });
await page.waitForTimeout(100);
ok((await rows(page)).length === all.length, 'a state that is none hides none');
await done(page);

// --- without any of it -------------------------------------------------------
const words = p => p.evaluate(() => {
	// what is not in sight has no words until somebody comes there
	document.querySelectorAll('article').forEach(
		a => { a.style.contentVisibility = 'visible'; });
	return document.querySelector('main').innerText.replace(/\s+/g, '');
});
page = await open(url('states'), { javaScriptEnabled: false });
const still = await page.$$eval('article', a => a.filter(
	x => x.getBoundingClientRect().height > 0).length);
ok(still === all.length, 'without a script, all is there', still);
await done(page);
const server = http.createServer((request, response) => {
	const name = path.basename(request.url);

	response.setHeader('Content-Security-Policy', JENKINS);
	response.setHeader('Content-Type', name.endsWith('.css') ? 'text/css'
		: name.endsWith('.js') ? 'text/javascript' : 'text/html');
	response.end(fs.readFileSync(path.join(folder, name)));
}).listen(0, '127.0.0.1');
await new Promise(started => server.on('listening', started));
const base = `http://127.0.0.1:${server.address().port}/`;
page = await open(url('plain'), { javaScriptEnabled: false });
const plain = await words(page);
await done(page);
for (const name of ['states', 'split']) {
	page = await open(base + name + '.html', { said: {
		may: [base + 'split.css', base + 'split.js',
			base + 'favicon.ico'] } });
	ok(await words(page) === plain, `${name}: the same under Jenkins' policy`,
		(await words(page)).slice(0, 300), plain.slice(0, 300));
	const colours = await page.$$eval('svg.strip path', p => [...new Set(
		p.map(x => getComputedStyle(x).stroke))]);
	ok(colours.length === 2 && !colours.includes('none'),
		`${name}: pictures have their colours`, colours);
	ok(await page.evaluate(() => getComputedStyle(document.body).maxWidth)
		=== (name === 'split' ? '1152px' : 'none'),
	`${name}: a style in a file of its own is allowed`);
	await done(page);
}
server.close();
page = await open(url('states'));
await page.emulateMedia({ media: 'print' });
ok(!await page.isVisible('#find') && await page.$$eval('article', a => a.every(
	x => x.getBoundingClientRect().height > 100)), 'printed, it is whole');
await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
ok(await page.$$eval('details', d => d.every(x => x.open)),
	'and nothing is folded on paper');
const pdf = await page.pdf();
ok(pdf.length > 20000, 'on paper');
await done(page);
await browser.close();
