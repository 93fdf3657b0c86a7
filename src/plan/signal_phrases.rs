//! What a signal is called where it is bad, and where it is well again.

use crate::plan::phrases::Phrases;
use crate::signals::Kind;

impl Phrases {
    pub(super) fn signal(self, kind: Kind) -> String {
        match kind {
            Kind::UpsMains => self.of("UPS改用电池供电", "a UPS runs on its battery"),
            Kind::UpsBatteryLow => self.of("UPS电池快没电", "the battery of a UPS is low"),
            Kind::GeneratorRunning => self.of("发电机在供电", "the generator feeds"),
            Kind::SeatPc => self.of("坐席电脑故障", "a seat's PC is faulty"),
            Kind::SeatHeadset => self.of("坐席耳机不见了", "a seat's headset is gone"),
            Kind::SeatPhone => self.of("坐席话机不通", "a seat's phone does not answer"),
            Kind::SeatLogin => self.of("坐席登不上平台", "a seat cannot log in"),
            Kind::SeatService => self.of("坐席用不了系统", "a seat does not reach a service"),
            Kind::ServiceReach => self.of("系统用不了", "a service does not answer"),
            Kind::DeviceReach => self.of("设备不通", "a device does not answer"),
            Kind::AcdReach => self.of("ACD用不了", "the ACD is down"),
            Kind::LogWritten => self.of("记录写不进去", "the log cannot be written"),
            Kind::BackupMade => self.of("备份没做成", "the log is not copied"),
            Kind::DiskRoom => self.of("放记录的磁盘快满了", "the disk of the log is nearly full"),
            Kind::UpsEndurance => self.of(
                "停电时撑不到底线",
                "what must last without mains lasts shorter than the floor",
            ),
            Kind::CutAnnounced => self.of(
                "预告的停电半小时内开始",
                "an announced power cut begins within half an hour",
            ),
            Kind::CutOutlasts => self.of(
                "电池撑不到预告的停电结束",
                "a battery will be empty before the announced cut ends",
            ),
            Kind::TestAnnounced => self.of(
                "发电机试验半小时内开始",
                "a test of the generator begins within half an hour",
            ),
            Kind::SensorTemperature => self.of("室温过高", "a room is too hot"),
            Kind::SensorSmoke => self.of("烟感报警", "a smoke detector alarms"),
            Kind::SensorWater => self.of("漏水报警", "a leak detector alarms"),
            Kind::SensorAir => self.of(
                "空调自报故障",
                "the air conditioning says that it does not work",
            ),
            Kind::GeneratorTested => self.of(
                "发电机该试没试",
                "the monthly test of the generator is overdue",
            ),
            Kind::BackupFresh => self.of("备份太旧", "a backup is too old"),
            Kind::QueueCalls => self.of("排队太多或太久", "a queue is not under control"),
        }
    }

    /// The signal as it must be for the end.
    pub(super) fn well(self, kind: Kind) -> String {
        match kind {
            Kind::UpsMains => self.of("UPS由市电供电", "every UPS is on mains"),
            Kind::UpsBatteryLow => self.of("UPS电池不低", "no battery is low"),
            Kind::GeneratorRunning => self.of("发电机不在供电", "no generator feeds"),
            Kind::SeatPc => self.of("坐席电脑正常", "the seats' PCs are well"),
            Kind::SeatHeadset => self.of("坐席耳机都在", "the headsets are there"),
            Kind::SeatPhone => self.of("坐席话机都通", "the phones answer"),
            Kind::SeatLogin => self.of("坐席都登得上", "the seats can log in"),
            Kind::SeatService => self.of("坐席用得了系统", "the seats reach the services"),
            Kind::ServiceReach => self.of("系统正常", "the services answer"),
            Kind::DeviceReach => self.of("设备都通", "the devices answer"),
            Kind::AcdReach => self.of("ACD正常", "the ACD is well"),
            Kind::LogWritten => self.of("记录正常", "the log is written"),
            Kind::BackupMade => self.of("备份正常", "the log is copied"),
            Kind::DiskRoom => self.of("放记录的磁盘够大", "the disk of the log has room"),
            Kind::UpsEndurance => self.of("停电时撑得住", "it would last without mains"),
            Kind::CutAnnounced => self.of("预告的停电结束", "the announced cut is over"),
            Kind::CutOutlasts => self.of("电池撑得到", "the batteries last"),
            Kind::TestAnnounced => self.of("发电机试验结束", "the test of the generator is over"),
            Kind::GeneratorTested => self.of("发电机试过了", "the generator was tested"),
            Kind::BackupFresh => self.of("备份是新的", "every backup is fresh"),
            Kind::QueueCalls => self.of("排队降下来了", "every queue is under control"),
            Kind::SensorTemperature => self.of("室温正常", "no room is too hot"),
            Kind::SensorSmoke => self.of("烟感正常", "no smoke detector alarms"),
            Kind::SensorWater => self.of("没有漏水", "no leak detector alarms"),
            Kind::SensorAir => self.of("空调正常", "the air conditioning works"),
        }
    }
}
