import re,subprocess,sys
W='/tmp/w/h3'
def git(*a,inp=None): 
    r=subprocess.run(['git','-C',W,*a],input=inp,capture_output=True,text=True)
    if r.returncode: sys.exit(f'{a}: {r.stderr}\n{(inp or "")[:3000]}')
    return r.stdout
FILES={
'A':['Broker/Connections/IEndListener.cs','Broker/Transports/','Broker.Tests/Transports/ConnectAnswersTests.cs','docs/reference/transports.md'],
'B':['docs/contributing/test-evidence.md','Broker/Frames/Compression.cs','Broker/Frames/FrameWriter.cs','Broker/Frames/MessageDeflate.cs','Broker/Hub/ChannelHub.cs','Broker/Hub/ChannelPush.cs','Broker/Hub/HubRoom.cs','Broker/BrokerRooms.cs','Broker/SharedPolls/','Broker/Connections/ClientFrames.cs','Broker.Tests/Frames/','Broker.Tests/Connections/ConnectionCompressionTests.cs'],
'C':['Broker/Telemetry/','Broker/Configuration/TelemetryOptionsReader.cs','Broker.Tests/Telemetry/','docs/reference/metrics.md','docs/how-to/monitor.md','docs/reference/logs.md'],
'D':['Broker/Hub/FrameQueue.cs','Broker/Hub/IStallListener.cs','Broker/Hub/SocketOutbound.cs','Broker/Connections/WriteWatch.cs','Broker/Connections/SocketReceiver.cs','Broker/Connections/ConnectionsRoom.cs','Broker.Tests/EndToEnd/WriteTimeoutTests.cs','docs/contributing/gate-order.md','docs/explanation/slow-subscribers.md'],
'E':['Broker/Api/','Broker/Doctor/','Broker/Configuration/ApiOptions','Broker.Tests/Api/','Broker.Tests/EndToEnd/ReloadedSettingsTests.cs','docs/operations/','docs/reference/broker-commands.md','docs/reference/http-api.md'],
'F':['Broker/Configuration/SpelledOutGroup.cs','Broker/Configuration/TokenSettingsReader.cs','Broker/Identity/','Broker.Tests/Configuration/SpelledOutGroupTests.cs','docs/reference/tokens.md'],
'G':['Broker/Configuration/CentrifugoDanger.cs','Broker/Configuration/CentrifugoNames.cs','Broker/Configuration/CentrifugoConfiguration.cs','Broker/Configuration/ChannelOptionsReader.cs','Broker.Tests/Configuration/CentrifugoReviewTests.cs','Broker.Tests/Configuration/CentrifugoOption.cs'],
}
WORDS=[('A','ConnectAnswers|ConnectFailure|Failures|IEndListener|OnEnding|TranslateTransforms|TranslateAnswers|connect_code_|Held|Hold\\(|MaxWaitingBytes|Answers to a connect'),
('C','raphite|ToSeconds|invalid duration stays'),
('D','Write(Milliseconds|Timeout)|Milliseconds|tall|BeginWaiting|WriteWatch|Writes|_isWatched|write_timeout|IsWebSocket'),
('F','JwksAnyValue|safety_check|HasAnyKeys'),
('E','AdminInsecure|AdminSecret|ShowsHealth|"Health"|`Health`|admin_|admin\\.|health\\.|the console'),
('B','ompress|Optional\\(|Limit\\('),]
MSG=dict(
A='''Transports: a connect that fails may be an HTTP answer

The head of a unidirectional stream was written before the connect was answered, so that a failure could only be
its last push. With UniSseConnectAnswers or UniHttpStreamConnectAnswers the frames wait until the outcome is known,
and a code of the list is answered with its status and body. A Centrifugo answers all other codes with 500 then;
code 0 says so here.''',
B='''Frames: the level of compression is a setting, and unidirectional WebSockets have their own''',
C='''Telemetry: metrics are sent to Graphite

In the form of Centrifugo's own reports, so that dashboards find them where they were.''',
D='''Connections: a client whose transport takes nothing for too long is disconnected

Connections come to the watch when their bytes begin to wait, and are looked at with each tick of the wheel until
none do: a delivery does not know of it.''',
E='''Api: the console may have its own secret or no sign-in, and health may be off''',
F='''Identity: the address of keys depends only on groups that list their texts

A token is not verified when its keys are fetched: with a pattern that matches any text of a form, anyone who can
publish keys at another address of that form makes tokens of any user. TokenJwksAnyValue says that this is meant.''',
G='''Configuration: a certificate without enabled stops the start

Centrifugo speaks plain HTTP with such a file, and this broker spoke TLS: neither is surely meant. Unknown options of
map and shared_poll are named and ignored, as those of other sections are.''')
def kind(path,body):
    for k,l in FILES.items():
        if any(path==f or (f.endswith('/') or not f.endswith(('.cs','.md'))) and path.startswith(f) for f in l): 
            return k
    changed='\n'.join(x for x in body.split('\n') if x[:1] in '+-')
    for k,w in WORDS:
        if re.search(w,changed): return k
    for f,k in (('CentrifugoLists.cs','A'),('PipeOutbound.cs','A'),('TransportSettings.cs','A'),('Wire.cs','B'),('ConnectionServices.cs','B')):
        if path.endswith(f): return k
    return 'G'
def split(do):
    git('add','-A','-N','.')
    d=git('diff','-U0','--no-color')
    files=re.split(r'(?m)^(?=diff --git )',d)[1:]
    out={k:{} for k in MSG}
    for f in files:
        head,*hunks=re.split(r'(?m)^(?=@@ )',f)
        path=re.search(r'^diff --git a/(\S+)',head).group(1)
        for h in hunks:
            out[kind(path,h)].setdefault(path,(head,[]))[1].append(h)
    if not do:
        for k in MSG:
            print('=====',k)
            for p,(h,hs) in out[k].items():
                if not any(p==f or (f.endswith('/') or not f.endswith(('.cs','.md'))) and p.startswith(f) for l in FILES.values() for f in l):
                    print('##',p); print(''.join(hs)[:1800])
        return
    git('reset','-q')
    done={}
    for k in 'ABCDEFG':
        patch=''
        for p,(head,hs) in out[k].items():
            # line numbers of the old side move with what earlier commits have put before them
            moved=[]
            for h in hs:
                m=re.match(r'@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@',h)
                o,oc=int(m[1]),int(m[2] or 1); n,nc=int(m[3]),int(m[4] or 1)
                shift=sum(d for (at,d) in done.get(p,[]) if at<o or (at==o and oc==0 and False))
                moved.append((o,oc,nc,shift,h))
            body=''
            for (o,oc,nc,shift,h) in moved:
                no=o+shift
                inside=sum(x[2]-x[1] for x in moved if x[0]<o)
                newpos=no+inside+(1 if oc==0 else 0)-(1 if nc==0 else 0)
                body+=re.sub(r'^@@[^@]*@@',f'@@ -{no},{oc} +{newpos},{nc} @@',h,count=1)
            if 'new file' in head or p not in done: pass
            hd=head
            patch+=hd+body
            done.setdefault(p,[]).extend((o,nc-oc) for (o,oc,nc,_,_) in moved)
        git('apply','--cached','--unidiff-zero','--whitespace=nowarn','-',inp=patch)
        git('commit','-q','-m',MSG[k])
        print(git('log','--oneline','-1').strip())
split(len(sys.argv)>1 and sys.argv[1]=='do')
