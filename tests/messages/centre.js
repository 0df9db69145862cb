// A message centre on this machine (SMPP 3.4, node-smpp): it takes, refuses, hangs, breaks off, and reports. One JSON line a thing.
// Words on its standard input are its moods, used up one a message.
const smpp = require('smpp');
const say = (thing) => process.stdout.write(JSON.stringify(thing) + '\n');
const moods = [];
const later = [];
require('readline').createInterface({ input: process.stdin }).on('line', (word) => {
  if (word === 'report') later.splice(0).forEach((tell) => tell());
  else { moods.push(word); say({ mood: word }); }
}).on('close', () => process.exit(0));

const server = smpp.createServer((session) => {
  session.on('error', () => {});
  session.on('bind_transceiver', (pdu) => {
    const right = pdu.system_id === 'tongban' && pdu.password === 'secret';
    session.send(pdu.response({ command_status: right ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL }));
    say({ bound: right });
    if (!right) session.close();
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  let count = 0;
  session.on('submit_sm', (pdu) => {
    const mood = moods.shift() || 'ok';
    const text = (pdu.short_message && pdu.short_message.message) || (pdu.message_payload && pdu.message_payload.message);
    say({ mood, to: pdu.destination_addr, from: pdu.source_addr, text, coding: pdu.data_coding });
    if (mood === 'hang') return;
    if (mood === 'break') { session.socket.destroy(); return; }
    if (mood === 'full') { session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED })); return; }
    if (mood === 'nobody') { session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR })); return; }
    const id = `centre-${Date.now()}-${++count}`;
    session.send(pdu.response({ message_id: id }));
    const stat = mood === 'lost' ? 'UNDELIV' : 'DELIVRD';
    later.push(() => session.deliver_sm({
      esm_class: 4, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611241200 done date:2611241201 stat:${stat} err:000 text:`,
    }, () => say({ reported: id })));
  });
});
server.listen(Number(process.argv[2] || 0), '127.0.0.1', () => say({ port: server.address().port }));
