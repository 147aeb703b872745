"""An operating system's scheduler with devices, workers and queues of packets: methods, attributes, inheritance."""

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
DEVICE_PACKET, WORK_PACKET = 0, 1
BUFFER = 4


class Packet:
    def __init__(self, link, identity, kind):
        self.link = link
        self.identity = identity
        self.kind = kind
        self.datum = 0
        self.data = [0] * BUFFER

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        following = last.link
        while following is not None:
            last = following
            following = last.link
        last.link = self
        return queue


class IdleRecord:
    def __init__(self):
        self.control = 1
        self.count = 10000


class DeviceRecord:
    def __init__(self):
        self.pending = None


class WorkerRecord:
    def __init__(self):
        self.destination = HANDLER_A
        self.count = 0


class HandlerRecord:
    def __init__(self):
        self.work_in = None
        self.device_in = None

    def add_work(self, packet):
        self.work_in = packet.append_to(self.work_in)

    def add_device(self, packet):
        self.device_in = packet.append_to(self.device_in)


class State:
    def __init__(self):
        self.packet_pending = True
        self.waiting = False
        self.holding = False

    def set_packet_pending(self):
        self.packet_pending = True
        self.waiting = False
        self.holding = False
        return self

    def set_waiting(self):
        self.packet_pending = False
        self.waiting = True
        self.holding = False
        return self

    def set_running(self):
        self.packet_pending = False
        self.waiting = False
        self.holding = False
        return self

    def set_waiting_with_packet(self):
        self.packet_pending = True
        self.waiting = True
        self.holding = False
        return self

    def is_waiting_with_packet(self):
        return self.packet_pending and (self.waiting and not self.holding)

    def is_held(self):
        return self.holding or (not self.packet_pending and self.waiting)


class Task(State):
    def __init__(self, scheduler, identity, priority, queue, state, record):
        State.__init__(self)
        self.scheduler = scheduler
        self.link = scheduler.first
        self.identity = identity
        self.priority = priority
        self.queue = queue
        self.packet_pending = state.packet_pending
        self.waiting = state.waiting
        self.holding = state.holding
        self.record = record
        scheduler.first = self
        scheduler.table[identity] = self

    def add_packet(self, packet, old):
        if self.queue is None:
            self.queue = packet
            self.packet_pending = True
            if self.priority > old.priority:
                return self
        else:
            packet.append_to(self.queue)
        return old

    def run(self):
        if self.is_waiting_with_packet():
            packet = self.queue
            self.queue = packet.link
            if self.queue is None:
                self.set_running()
            else:
                self.set_packet_pending()
        else:
            packet = None
        return self.step(packet, self.record)

    def wait(self):
        self.waiting = True
        return self

    def hold(self):
        self.scheduler.held += 1
        self.holding = True
        return self.link

    def release(self, identity):
        task = self.scheduler.find(identity)
        task.holding = False
        return task if task.priority > self.priority else self

    def send(self, packet):
        task = self.scheduler.find(packet.identity)
        self.scheduler.queued += 1
        packet.link = None
        packet.identity = self.identity
        return task.add_packet(packet, self)


class IdleTask(Task):
    def step(self, packet, record):
        record.count -= 1
        if record.count == 0:
            return self.hold()
        if record.control & 1 == 0:
            record.control //= 2
            return self.release(DEVICE_A)
        record.control = record.control // 2 ^ 0xD008
        return self.release(DEVICE_B)


class WorkerTask(Task):
    def step(self, packet, record):
        if packet is None:
            return self.wait()
        record.destination = HANDLER_B if record.destination == HANDLER_A else HANDLER_A
        packet.identity = record.destination
        packet.datum = 0
        for i in range(BUFFER):
            record.count += 1
            if record.count > 26:
                record.count = 1
            packet.data[i] = 64 + record.count
        return self.send(packet)


class HandlerTask(Task):
    def step(self, packet, record):
        if packet is not None:
            if packet.kind == WORK_PACKET:
                record.add_work(packet)
            else:
                record.add_device(packet)
        work = record.work_in
        if work is None:
            return self.wait()
        count = work.datum
        if count >= BUFFER:
            record.work_in = work.link
            return self.send(work)
        device = record.device_in
        if device is None:
            return self.wait()
        record.device_in = device.link
        device.datum = work.data[count]
        work.datum = count + 1
        return self.send(device)


class DeviceTask(Task):
    def step(self, packet, record):
        if packet is not None:
            record.pending = packet
            return self.hold()
        packet = record.pending
        if packet is None:
            return self.wait()
        record.pending = None
        return self.send(packet)


class Scheduler:
    def __init__(self):
        self.first = None
        self.table = [None] * 6
        self.held = 0
        self.queued = 0

    def find(self, identity):
        task = self.table[identity]
        if task is None:
            raise ValueError(f"no task {identity}")
        return task

    def run(self):
        task = self.first
        while task is not None:
            if task.is_held():
                task = task.link
            else:
                task = task.run()


def simulate():
    scheduler = Scheduler()
    IdleTask(scheduler, IDLE, 1, None, State().set_running(), IdleRecord())
    queue = Packet(Packet(None, 0, WORK_PACKET), 0, WORK_PACKET)
    WorkerTask(scheduler, WORKER, 1000, queue, State().set_waiting_with_packet(), WorkerRecord())
    for handler, device, priority in (HANDLER_A, DEVICE_A, 2000), (HANDLER_B, DEVICE_B, 3000):
        queue = None
        for _ in range(3):
            queue = Packet(queue, device, DEVICE_PACKET)
        HandlerTask(scheduler, handler, priority, queue, State().set_waiting_with_packet(), HandlerRecord())
    DeviceTask(scheduler, DEVICE_A, 4000, None, State().set_waiting(), DeviceRecord())
    DeviceTask(scheduler, DEVICE_B, 5000, None, State().set_waiting(), DeviceRecord())
    scheduler.run()
    return scheduler.held, scheduler.queued


def main():
    for _ in range(9):
        result = simulate()
    print(*result)


main()
